#include "bench/load/requests.hpp"

#include <nlohmann/json.hpp>

#include <stdexcept>

namespace kernd::load {
namespace {

std::optional<std::chrono::milliseconds> duration_of(const nlohmann::json& from, const char* name) {
  if (!from.contains(name)) return std::nullopt;
  return std::chrono::milliseconds{from.at(name).get<int>()};
}

request_kind kind_of(const nlohmann::json& from) {
  request_kind kind;
  kind.name = from.at("name").get<std::string>();
  kind.weight = from.value("weight", std::size_t{1});
  kind.body = from.value("body", std::string{});
  const auto method = from.at("method").get<std::string>();
  kind.wants_body = method != "HEAD";
  kind.head =
      method + " " + from.at("path").get<std::string>() + " HTTP/1.1\r\nHost: localhost\r\n";
  const auto headers = from.value("headers", nlohmann::json::object());
  for (const auto& [name, value] : headers.items()) {
    kind.head += name + ": " + value.get<std::string>() + "\r\n";
  }
  if (method == "POST") {
    if (!headers.contains("Content-Type")) kind.head += "Content-Type: application/json\r\n";
    kind.head += "Content-Length: " + std::to_string(kind.body.size()) + "\r\n";
  }
  kind.head += "\r\n";
  kind.hang_up = duration_of(from, "hang_up_ms");
  kind.byte_each = duration_of(from, "byte_each_ms");
  return kind;
}

}  // namespace

std::vector<request_kind> read_requests(std::istream& from) {
  std::vector<request_kind> kinds;
  const auto document = nlohmann::json::parse(from);
  for (const auto& each : document) kinds.push_back(kind_of(each));
  if (kinds.empty()) throw std::runtime_error{"no requests"};
  return kinds;
}

}  // namespace kernd::load
