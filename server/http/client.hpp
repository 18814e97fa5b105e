#pragma once

#include "kernd/error.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace kernd::http {

/// Where a server listens. `host` is an IP address, `localhost`, or a name that the system
/// resolves; resolving may take as long as the system lets it.
struct server_address {
  std::string host;
  std::uint16_t port;
};

/// What a client asks. A body is sent as JSON.
struct client_request {
  std::string method;  ///< `GET`
  std::string target;
  std::string body = {};
};

struct client_answer {
  unsigned status;
  std::string body;
};

// All of these block, have a connection of their own, and fail with `service_unavailable` and a
// message that begins with the address.

/// Sends `GET target` and returns the status of the answer, whose body is not read. Takes `timeout`
/// at most over connecting, sending and receiving.
result<unsigned> http_get_status(const server_address& server, const std::string& target,
                                 std::chrono::milliseconds timeout);

/// Sends `asked` and returns the whole answer. Takes `timeout` at most over all of it.
result<client_answer> http_exchange(const server_address& server, const client_request& asked,
                                    std::chrono::milliseconds timeout);

/// Takes a piece of a body; false when no more is wanted.
using piece_taker = std::function<bool(std::string_view piece)>;

/// Sends `GET target` for `text/event-stream`. The body of an answer with 200 goes to `take` as it
/// comes, and the answer's is empty; every other is returned whole. It is an error when the server
/// is not heard of for `silence`, or the connection breaks before the body ends.
result<client_answer> http_follow(const server_address& server, const std::string& target,
                                  std::chrono::milliseconds silence, const piece_taker& take);

}  // namespace kernd::http
