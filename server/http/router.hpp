#pragma once

#include "server/http/request.hpp"
#include "server/http/response.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace kernd::http {

/// Answers at once, on the I/O thread; never blocks.
using handler = std::function<response(request&)>;
/// Answers later, on the same event loop. `request` outlives the coroutine.
using async_handler = std::function<boost::asio::awaitable<response>(request&)>;

/// One path with one method. `pattern` has parameters in braces, each one whole segment:
/// `/api/v1/kernels/{domain}/{name}`.
struct route {
  method verb;
  std::string pattern;
  std::variant<handler, async_handler> handle;
  /// What metrics and logs call it; the pattern unless set (two patterns may be one route).
  std::string label;
};

/// What a request matched.
struct route_match {
  const route* matched = nullptr;  ///< Null: not found, or the method is not allowed.
  std::size_t index = 0;           ///< Into `router::routes()`, when matched.
  bool path_known = false;         ///< The path exists for other methods.
  std::string allow;  ///< When only the method does not fit, or for OPTIONS: `GET, HEAD, OPTIONS`.
};

/// Filled before serving, then `const` and safe from any thread.
class router {
 public:
  void add(route r);
  /// Fills `req.path`, `path_params` and `query` from the target. HEAD matches GET's route.
  /// Errors: `bad_request` for a target that is not a valid origin-, absolute- or asterisk-form.
  result<route_match> match(request& req) const;
  const std::vector<route>& routes() const noexcept { return routes_; }

 private:
  std::vector<route> routes_;
};

}  // namespace kernd::http
