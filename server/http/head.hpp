#pragma once

#include "server/http/cors.hpp"
#include "server/http/response.hpp"

#include <ctime>
#include <string>
#include <string_view>

namespace kernd::http {

/// The `Date` of now, made once per second. Confined to one thread.
class date_cache {
 public:
  /// `Sun, 06 Nov 1994 08:49:37 GMT`; valid until the next call.
  std::string_view at(std::time_t now);

 private:
  std::time_t made_for_ = -1;
  char text_[32] = {};
};

/// What the session knows about an answer and the handler does not.
struct head_context {
  enum class persistence {
    implied,     ///< HTTP/1.1 that stays open: nothing to say.
    keep_alive,  ///< HTTP/1.0 that stays open.
    close,
  };

  /// Where the body ends.
  enum class framing {
    length,     ///< After as many bytes as it has.
    chunks,     ///< With the last chunk.
    no_length,  ///< With the connection; or there is none.
  };

  std::string_view date;
  std::string_view request_id;
  const cors_policy* cors;       ///< Null: no CORS headers.
  std::string_view origin = {};  ///< The request's; empty when none.
  bool preflight = false;
  persistence connection = persistence::implied;
  framing body = framing::length;
};

/// Replaces `out` by status line and headers of `r`, blank line included. Control characters in
/// header values become spaces, so that no value can end its line.
void write_head(std::string& out, const response& r, const head_context& context);

/// Bytes of all body chunks.
std::size_t body_size(const response& r) noexcept;

}  // namespace kernd::http
