#pragma once

#include "kernd/gpu/backend.hpp"
#include "kernd/gpu/discovery.hpp"
#include "server/http/response.hpp"
#include "server/http/router.hpp"

#include <string_view>

namespace kernd::api {

/// The resource `/devices`: what kernels run on here, and how far CUDA got when the daemon started.
/// Its handler runs on the event loops.
class device_api {
 public:
  /// Both outlive it; `cuda` does not change.
  device_api(const gpu::cuda_report& cuda, const gpu::cuda_backend& devices)
      : cuda_{cuda}, devices_{devices} {}

  /// Adds the route below `prefix`, such as `/api/v1`.
  void add_routes(http::router& routes, std::string_view prefix);

 private:
  http::response list() const;

  const gpu::cuda_report& cuda_;
  const gpu::cuda_backend& devices_;
};

}  // namespace kernd::api
