#include "server/cli_address.hpp"

namespace kernd::cli {

std::string reachable_host(const server_config& server) {
  if (server.host == "0.0.0.0") return "127.0.0.1";
  if (server.host == "::") return "::1";
  return server.host;
}

std::string reachable_url(const server_config& server) {
  std::string host = reachable_host(server);
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  return "http://" + host + ":" + std::to_string(server.port);
}

std::string shell_word(std::string_view text) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/:._-";
  if (!text.empty() && text.find_first_not_of(plain) == std::string_view::npos) {
    return std::string{text};
  }
  std::string word = "'";
  for (const char c : text) {
    if (c == '\'') {
      word += "'\\''";
    } else {
      word += c;
    }
  }
  return word + "'";
}

}  // namespace kernd::cli
