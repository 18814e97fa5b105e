#pragma once

#include <chrono>
#include <cstddef>
#include <istream>
#include <optional>
#include <string>
#include <vector>

namespace kernd::load {

/// One kind of request of a mix, ready to be sent.
struct request_kind {
  std::string name;
  std::size_t weight = 1;  ///< How often, beside the others.
  std::string head;        ///< Up to and with the empty line.
  std::string body;
  bool wants_body = true;                              ///< Of the answer; not of HEAD.
  std::optional<std::chrono::milliseconds> hang_up;    ///< Closes the connection after so long.
  std::optional<std::chrono::milliseconds> byte_each;  ///< Sends the body byte by byte.
};

/// Reads a JSON array of objects with `name`, `method`, `path` and, when wanted, `weight`,
/// `headers` (an object), `body` (a string), `hang_up_ms` and `byte_each_ms`. Throws what
/// nlohmann::json throws, and `std::runtime_error` when it is empty.
std::vector<request_kind> read_requests(std::istream& from);

}  // namespace kernd::load
