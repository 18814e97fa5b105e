#include "server/cli_address.hpp"
#include "server/cli_findings.hpp"
#include "server/http/client.hpp"
#include "server/self_test.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <string>
#include <utility>

namespace kernd::cli {
namespace {

using level = finding::level;
namespace asio = boost::asio;
using asio::ip::tcp;

/// As the listener does it.
boost::system::error_code try_to_listen(const server_config& server) {
  boost::system::error_code failure;
  const auto address = asio::ip::make_address(server.host, failure);
  if (failure) return failure;
  const tcp::endpoint endpoint{address, server.port};
  asio::io_context io;
  tcp::acceptor acceptor{io};
  acceptor.open(endpoint.protocol(), failure);
  if (!failure) acceptor.set_option(tcp::acceptor::reuse_address{true}, failure);
  if (!failure) acceptor.bind(endpoint, failure);
  if (!failure) acceptor.listen(1, failure);
  return failure;
}

void describe_occupant(const server_config& server, const std::string& key, finding& result) {
  constexpr std::chrono::milliseconds patience{1000};
  const auto status =
      http::http_get_status({reachable_host(server), server.port}, "/health/ready", patience);
  result.found += " is taken";
  if (status) {
    result.found += "; what listens there answers /health/ready with " + std::to_string(*status);
    result.values["status"] = *status;
  } else {
    result.found += "; what listens there does not answer HTTP";
  }
  if (status && *status == 200) {
    result.severity = level::warning;
    result.advice = "a daemon serves there already: a second one needs another " + key;
  } else {
    result.advice = "stop that process (`ss -ltnp` names it) or set " + key;
  }
}

/// `key` is where `server.port` comes from.
finding check(std::string name, const server_config& server, const std::string& key) {
  finding result{std::move(name)};
  result.found = server.host + " port " + std::to_string(server.port);
  result.values = {{"host", server.host}, {"port", server.port}, {"status", nullptr}};
  const auto failure = try_to_listen(server);
  if (!failure) {
    result.found += server.port == 0 ? ": a free one is picked" : " is free";
    return result;
  }
  result.severity = level::failure;
  if (failure == asio::error::address_in_use) {
    describe_occupant(server, key, result);
    return result;
  }
  result.found += ": " + failure.message();
  if (failure == asio::error::access_denied) {
    result.advice = "ports below 1024 need CAP_NET_BIND_SERVICE: set " + key;
  } else {
    result.advice = "no interface here has that address: set server.host";
  }
  return result;
}

}  // namespace

finding check_address(const server_config& server) {
  return check("address", server, "server.port");
}

finding check_probe_address(const server_config& server) {
  server_config probes = server;
  probes.port = server.probe_port;
  return check("probe address", probes, "server.probe_port");
}

finding check_kernel(const kernel_entry& entry, const config& options) {
  finding result{"kernel " + std::string{entry.kernel.info.id}};
  const std::atomic<bool> never{false};  // SIGINT ends the process
  const auto start = std::chrono::steady_clock::now();
  const auto passed = self_test(entry, options, never);
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  char text[32];
  std::snprintf(text, sizeof text, "%.2f ms", took.count());
  result.values = {{"self_test_ms", took.count()}};
  if (passed) {
    result.found = std::string{"self-test passed in "} + text;
    return result;
  }
  const error failed = passed.error();
  result.severity = options.runtime.self_test ? level::failure : level::warning;
  result.found = std::string{"self-test failed after "} + text + ": " + failed.message;
  if (!failed.internal.empty()) result.found += " (" + failed.internal + ")";
  result.advice =
      "the daemon would not become ready; a build for this machine is needed, or "
      "limits that let the example run";
  return result;
}

}  // namespace kernd::cli
