#pragma once

#include "server/http/cors.hpp"
#include "server/http/request.hpp"
#include "server/http/response.hpp"
#include "server/http/router.hpp"
#include "server/http/stream_kinds.hpp"

#include <variant>

namespace kernd::http {

/// What the framing of a request says beside its fields.
struct request_framing {
  bool is_http_1_0 = false;
  bool has_body = false;
};

/// Which of the streams of a route a request asks for, or what is answered instead: 400 for a
/// WebSocket handshake that is none (RFC 6455, 4.2.1), 403 for one from a page whose origin may not
/// read our answers either, 426 for one of another version and for a plain request where there are
/// only WebSockets.
std::variant<stream_kind, response> choose_stream(const request& req, request_framing framing,
                                                  const stream_handlers& handlers,
                                                  const cors_policy& cors);

}  // namespace kernd::http
