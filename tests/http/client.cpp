#include "tests/http/client.hpp"

#include "tests/support/patience.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace kernd::test {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

int connect_to(const std::string& host, std::uint16_t port) {
  const bool is_v6 = host.find(':') != host.npos;
  const int socket = ::socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) fail("socket");
  const timeval limit{patience.count(), 0};
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  const int at_once = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  inet_pton(is_v6 ? AF_INET6 : AF_INET, host.c_str(),
            is_v6 ? static_cast<void*>(&v6.sin6_addr) : static_cast<void*>(&v4.sin_addr));
  const auto* const address =
      is_v6 ? reinterpret_cast<const sockaddr*>(&v6) : reinterpret_cast<const sockaddr*>(&v4);
  if (connect(socket, address, is_v6 ? sizeof v6 : sizeof v4) != 0) {
    ::close(socket);
    fail("connect");
  }
  return socket;
}

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

std::string reply::header(std::string_view name) const {
  for (const auto& [n, v] : headers) {
    if (same_name(n, name)) return v;
  }
  return {};
}

bool reply::has(std::string_view name) const {
  for (const auto& [n, v] : headers) {
    if (same_name(n, name)) return true;
  }
  return false;
}

client::client(std::uint16_t port, const std::string& host) : socket_{connect_to(host, port)} {}

client::~client() {
  close();
}

void client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) fail("send");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void client::send_until_refused(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool client::fill() {
  char bytes[65536];
  const ssize_t got = recv(socket_, bytes, sizeof bytes, 0);
  if (got < 0) fail("recv");
  received_.append(bytes, static_cast<std::size_t>(got));
  return got != 0;
}

std::string client::take_line() {
  std::size_t end;
  while ((end = received_.find("\r\n")) == received_.npos) {
    if (!fill()) throw std::runtime_error("closed inside a line: '" + received_ + "'");
  }
  std::string line = received_.substr(0, end);
  received_.erase(0, end + 2);
  return line;
}

reply client::read_reply(bool to_head) {
  reply r;
  r.status_line = take_line();
  r.status = std::stoi(r.status_line.substr(r.status_line.find(' ') + 1));
  for (std::string line = take_line(); !line.empty(); line = take_line()) {
    const std::size_t colon = line.find(": ");
    r.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  if (!to_head && r.has("Content-Length"))
    r.body = read_exactly(std::stoul(r.header("Content-Length")));
  return r;
}

std::string client::read_exactly(std::size_t bytes) {
  while (received_.size() < bytes) {
    if (!fill()) throw std::runtime_error("closed inside a body");
  }
  std::string taken = received_.substr(0, bytes);
  received_.erase(0, bytes);
  return taken;
}

bool client::is_closed() {
  return received_.empty() && !fill();
}

void client::finish_sending() {
  shutdown(socket_, SHUT_WR);
}

void client::reset() {
  const linger at_once{1, 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

void client::close() {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

void client::set_receive_buffer(int bytes) {
  setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

}  // namespace kernd::test
