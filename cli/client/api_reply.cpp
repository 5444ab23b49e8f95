#include "cli/client/api.hpp"

namespace torc::cli {

namespace {

/// The words in an error body of ours or of torc: {"error": {"message": ...}}, {"errorMessage":
/// ...} or plain text.
std::string words_of(const std::string& body) {
  boost::system::error_code failed;
  const auto v = json::parse(body, failed);
  if (failed)
    return body;
  const auto& error = member(v, "error");
  for (const auto& words : {text_member(error, "message"), text_member(v, "errorMessage"),
                            cell(error), text_member(v, "message")})
    if (!words.empty())
      return words;
  return body;
}

core::refusal refusal_of(int status) {
  switch (status) {
  case 401:
    return core::refusal::unauthorized;
  case 403:
    return core::refusal::forbidden;
  case 404:
    return core::refusal::not_found;
  case 409:
    return core::refusal::conflict;
  case 413:
    return core::refusal::too_large;
  case 422:
    return core::refusal::unprocessable;
  default:
    return status >= 500 ? core::refusal::unavailable : core::refusal::malformed;
  }
}

} // namespace

std::string basic_authorization(const std::string& user, const std::string& password) {
  constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto pair = user + ":" + password;
  std::string text = "Basic ";
  for (size_t i = 0; i < pair.size(); i += 3) {
    uint32_t three = 0;
    for (size_t k = 0; k < 3; ++k)
      three = three << 8U | (i + k < pair.size() ? static_cast<unsigned char>(pair[i + k]) : 0U);
    for (size_t k = 0; k < 4; ++k)
      text += i + k <= pair.size() ? digits[three >> (18U - 6U * k) & 63U] : '=';
  }
  return text;
}

core::error error_of(const answer& a) {
  auto words = words_of(a.body);
  if (words.empty())
    words = a.status == 404 ? "the server has no such thing" : "the server gave no reason";
  return core::refuse(refusal_of(a.status), words + " (HTTP " + std::to_string(a.status) + ")");
}

bool lacks_endpoint(const answer& a) {
  return (a.status == 404 || a.status == 405) && a.body.empty();
}

core::result<json::value> parse_reply(const answer& a) {
  boost::system::error_code failed;
  auto v = json::parse(a.body, failed);
  if (failed)
    return core::refuse(core::refusal::malformed,
                        "the server's answer is no JSON: " + failed.message());
  return v;
}

core::result<json::value> api::call(std::string_view method, std::string_view path,
                                    std::string body) {
  const auto reply = send(method, path, std::move(body));
  if (!reply)
    return reply.why();
  if (!reply->ok())
    return error_of(*reply);
  return parse_reply(*reply);
}

core::result<json::value> api::get(std::string_view path) {
  return call("GET", path, {});
}

core::result<json::value> api::post(std::string_view path, const json::value& body) {
  return call("POST", path, json::serialize(body));
}

core::result<json::value> api::put(std::string_view path, const json::value& body) {
  return call("PUT", path, json::serialize(body));
}

core::result<json::value> api::remove(std::string_view path) {
  return call("DELETE", path, {});
}

bool api::reachable() {
  return bool(send("GET", "/ping"));
}

core::result<core::nothing> api::each(const std::string& path,
                                      const std::function<bool(const json::value&)>& visit) {
  constexpr int64_t page_size = 20'000;
  for (int64_t offset = 0;;) {
    const auto page =
        get(path + "&limit=" + std::to_string(page_size) + "&offset=" + std::to_string(offset));
    if (!page)
      return page.why();
    const auto& items = list_member(*page, "items");
    for (const auto& item : items)
      if (!visit(item))
        return core::nothing{};
    offset += static_cast<int64_t>(items.size());
    if (items.empty() || !bool_member(*page, "has_more"))
      return core::nothing{};
  }
}

} // namespace torc::cli
