#include "scale_tests/http_connection.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace torc::scale_tests {

namespace {

/// The value of a header; names compare without case. Empty if there is none.
std::string header_value(std::string_view head, std::string_view name) {
  const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
  const std::string line = "\n" + std::string(name) + ":";
  const auto at = std::search(head.begin(), head.end(), line.begin(), line.end(), same);
  if (at == head.end())
    return {};
  const auto begin = static_cast<size_t>(at - head.begin()) + line.size();
  const auto value = head.substr(begin, head.find('\r', begin) - begin);
  const auto first = value.find_first_not_of(' ');
  return first == value.npos ? std::string() : std::string(value.substr(first));
}

template <class Number>
Number number(std::string_view text, const char* what) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    give_up(std::string("the server's ") + what + " is no number: '" + std::string(text) + "'");
  return value;
}

} // namespace

void give_up(const std::string& why) {
  std::fprintf(stderr, "http_bench: %s\n", why.c_str());
  std::_Exit(1); // Other threads may be in the middle of a request.
}

address parse_url(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  if (!url.starts_with(scheme))
    give_up("an URL begins with http://, not '" + std::string(url) + "'");
  url.remove_prefix(scheme.size());
  const auto slash = std::min(url.find('/'), url.size());
  const auto authority = url.substr(0, slash);
  const auto colon = authority.rfind(':');
  if (colon == authority.npos)
    give_up("the URL lacks a port");
  std::string base(url.substr(slash));
  while (base.ends_with('/'))
    base.pop_back();
  return {std::string(authority.substr(0, colon)), std::string(authority.substr(colon + 1)), base};
}

http_connection::http_connection(const address& where) : where_(where) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int e = getaddrinfo(where.host.c_str(), where.port.c_str(), &hints, &found))
    give_up("cannot find " + where.host + ": " + gai_strerror(e));
  for (auto* a = found; a != nullptr && socket_ < 0; a = a->ai_next) {
    socket_ = ::socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
    if (socket_ >= 0 && ::connect(socket_, a->ai_addr, a->ai_addrlen) != 0) {
      ::close(socket_);
      socket_ = -1;
    }
  }
  freeaddrinfo(found);
  if (socket_ < 0)
    give_up("cannot reach " + where.host + ":" + where.port + ": " + std::strerror(errno));
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

http_connection::~http_connection() {
  ::close(socket_);
}

reply http_connection::ask(std::string_view method, std::string_view path, std::string_view body) {
  std::string request;
  request.reserve(body.size() + 256);
  request.append(method).append(" ").append(where_.base).append(path);
  request.append(" HTTP/1.1\r\nHost: ").append(where_.host).append(":").append(where_.port);
  request.append("\r\nContent-Type: application/json\r\nContent-Length: ");
  request.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
  send_all(request);

  size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == received_.npos)
    receive_some();
  const std::string head = received_.substr(0, end + 2);
  const auto length = header_value(head, "content-length");
  if (length.empty() || head.size() < 12)
    give_up("a reply that does not state its length: " + head);
  const auto size = number<size_t>(length, "Content-Length");
  const size_t whole = end + 4 + size;
  while (received_.size() < whole)
    receive_some();
  reply r{number<int>(std::string_view(head).substr(9, 3), "status"),
          received_.substr(end + 4, size)};
  received_.erase(0, whole);
  return r;
}

void http_connection::send_all(std::string_view text) {
  while (!text.empty()) {
    const auto n = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
    if (n <= 0)
      give_up(std::string("the connection broke while sending: ") + std::strerror(errno));
    text.remove_prefix(static_cast<size_t>(n));
  }
}

void http_connection::receive_some() {
  std::array<char, 64 * 1024> buffer;
  const auto n = ::recv(socket_, buffer.data(), buffer.size(), 0);
  if (n <= 0)
    give_up("the server closed the connection in the middle of a reply");
  received_.append(buffer.data(), static_cast<size_t>(n));
}

} // namespace torc::scale_tests
