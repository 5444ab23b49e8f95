#include "tests/fuzz/target.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

/// The main function of a target where no fuzzer drives it: feeds it the files of the folders that
/// are named, each in one piece and, so that every input ends early once, cut in half.
int main(int argc, char** argv) {
  size_t files = 0;
  for (int i = 1; i < argc; ++i)
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      std::ifstream in(entry.path(), std::ios::binary);
      std::ostringstream read;
      read << in.rdbuf();
      const auto text = read.str();
      const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
      std::cerr << entry.path().filename().string() << '\n'; // the last one is the one that failed
      LLVMFuzzerTestOneInput(bytes, text.size());
      LLVMFuzzerTestOneInput(bytes, text.size() / 2);
      ++files;
    }
  std::cout << files << " inputs\n";
  return files > 0 ? 0 : 1;
}
