#pragma once

#include "kernd/error.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace kernd::http {

/// Sends `GET target` and returns the status of the answer, whose body is not read. Blocks for
/// `timeout` at most over connecting, sending and receiving. `host` is an IP address, `localhost`,
/// or a name that the system resolves; resolving may take as long as the system lets it.
///
/// Errors: `service_unavailable`, with the address and the reason.
result<unsigned> http_get_status(const std::string& host, std::uint16_t port,
                                 const std::string& target, std::chrono::milliseconds timeout);

}  // namespace kernd::http
