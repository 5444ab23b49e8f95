#include "net/api/all.hpp"
#include "net/openapi/document.hpp"
#include "net/openapi/operation.hpp"
#include "net/router.hpp"
#include "tests/net/running_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <set>
#include <string>

namespace net = torc::net;
namespace json = boost::json;

namespace {

using names = std::set<std::string>;

/// "GET /jobs/{id}" of every route that a server has.
names routes() {
  fakes::fake_port house;
  fakes::rows rows;
  boost::asio::io_context sockets{1};
  net::workers readers(
      sockets, [&] { return std::make_unique<fakes::fake_reader>(rows); }, 1);
  const net::api::services services{house, readers, {}, {}, nullptr};
  net::router all;
  net::api::add_all(all, services);
  names found;
  for (const auto& one : all.counts())
    if (!one.method.empty())
      found.insert(one.method + ' ' + one.pattern);
  return found;
}

names operations() {
  names found;
  for (const auto& one : net::openapi::all_operations())
    BOOST_TEST(found.insert(std::string(one.method) + ' ' + one.pattern).second,
               one.pattern << " is described twice");
  return found;
}

std::string missing(const names& from, const names& in) {
  std::string list;
  for (const auto& name : in)
    if (!from.contains(name))
      list += name + "; ";
  return list;
}

/// Calls each(reference) for every "$ref" below `v`.
template <class Each>
void for_each_reference(const json::value& v, const Each& each) {
  if (const auto* list = v.if_array())
    for (const auto& item : *list)
      for_each_reference(item, each);
  const auto* object = v.if_object();
  if (!object)
    return;
  for (const auto& [key, value] : *object) {
    if (key == "$ref")
      each(std::string(value.as_string()));
    else
      for_each_reference(value, each);
  }
}

json::value description() {
  return json::parse(net::openapi::document("1"));
}

} // namespace

BOOST_AUTO_TEST_SUITE(the_description_of_the_api)

BOOST_AUTO_TEST_CASE(has_an_operation_for_every_route_and_no_other) {
  const auto served = routes(), described = operations();
  BOOST_TEST(served.size() > 100u);
  BOOST_TEST(missing(described, served) == "", "routes without an operation");
  BOOST_TEST(missing(served, described) == "", "operations without a route");
}

BOOST_AUTO_TEST_CASE(names_each_operation_once) {
  names found;
  for (const auto& one : net::openapi::all_operations())
    BOOST_TEST(found.insert(one.name).second, one.name);
}

BOOST_AUTO_TEST_CASE(refers_to_nothing_that_it_does_not_have) {
  const auto all = description();
  const auto& schemas = all.at("components").at("schemas").as_object();
  int count = 0;
  for_each_reference(all, [&](const std::string& to) {
    const std::string_view prefix = "#/components/schemas/";
    BOOST_REQUIRE(to.starts_with(prefix));
    BOOST_TEST(schemas.contains(to.substr(prefix.size())), to);
    ++count;
  });
  BOOST_TEST(count > 100);
}

BOOST_AUTO_TEST_CASE(knows_what_a_row_has_and_what_a_body_must_have) {
  const auto schemas = description().at("components").at("schemas");
  const auto& file = schemas.at("File");
  BOOST_TEST(json::serialize(file.at("required")) == R"(["id","workflow_id","name","path"])");
  BOOST_TEST(json::serialize(file.at("properties").at("id")) ==
             R"({"type":"integer","format":"int64"})");
  const auto& sent = schemas.at("NewFile");
  BOOST_TEST(json::serialize(sent.at("required")) == R"(["workflow_id","name","path"])");
  BOOST_TEST(!sent.at("properties").as_object().contains("id"));
}

BOOST_FIXTURE_TEST_CASE(is_served, running_server) {
  const auto got = ask("GET", "/openapi.json");
  BOOST_TEST(got.status == 200);
  BOOST_TEST(json::parse(got.body).at("openapi").as_string() == "3.1.0");
}

BOOST_FIXTURE_TEST_CASE(another_method_is_told_which_there_are, running_server) {
  raw_connection c(port());
  c.send("PATCH /torc-service/v1/files/1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
  const auto got = c.read_all();
  BOOST_TEST(got.starts_with("HTTP/1.1 405 "), got);
  BOOST_TEST(got.find("\r\nAllow: GET, PUT, DELETE\r\n") != got.npos, got);
}

BOOST_AUTO_TEST_SUITE_END()
