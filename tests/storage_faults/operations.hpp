#pragma once

#include "core/read_model.hpp"
#include "storage/store.hpp"

#include <functional>
#include <string>
#include <vector>

namespace torc::test {

/// Something that a caller asks of the store, as steps that are each acknowledged by a commit.
struct operation {
  std::string name;
  std::vector<std::function<void(storage::store&)>> steps;
};

/// The life of a workflow. Each operation begins on the disk that the one before has left.
/// @param path of the database
std::vector<operation> life_of_a_workflow(const std::string& path);

} // namespace torc::test
