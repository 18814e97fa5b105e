#pragma once

#include "kernd/gpu/discovery.hpp"
#include "server/http/response.hpp"
#include "server/http/router.hpp"

#include <string_view>

namespace kernd::api {

/// The resource `/devices`: what kernels could run on here, and how far CUDA got. What was found at
/// the start; its handler runs on the event loops.
class device_api {
 public:
  /// `cuda` outlives it and does not change.
  explicit device_api(const gpu::cuda_report& cuda) : cuda_{cuda} {}

  /// Adds the route below `prefix`, such as `/api/v1`.
  void add_routes(http::router& routes, std::string_view prefix);

 private:
  http::response list() const;

  const gpu::cuda_report& cuda_;
};

}  // namespace kernd::api
