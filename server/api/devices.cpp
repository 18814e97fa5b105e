#include "server/api/devices.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <utility>

namespace kernd::api {

namespace {

using json = nlohmann::ordered_json;

json cpu_document() {
  return {{"id", "cpu"},
          {"kind", "cpu"},
          {"name", "CPU"},
          {"compute_capability", nullptr},
          {"memory_total_bytes", nullptr},
          {"runs_kernels", true}};
}

json cuda_document(std::size_t ordinal, const gpu::cuda_device& device) {
  const auto capability =
      std::to_string(device.compute_major) + "." + std::to_string(device.compute_minor);
  return {{"id", "cuda:" + std::to_string(ordinal)},
          {"kind", "cuda"},
          {"name", device.name},
          {"compute_capability", capability},
          {"memory_total_bytes", device.memory_bytes},
          {"runs_kernels", false}};  // there is no way to run one there yet
}

json backend_document(const gpu::cuda_report& cuda) {
  json result = {{"state", gpu::name_of(cuda.state)},
                 {"message", cuda.found},
                 {"advice", nullptr},
                 {"driver_version", nullptr},
                 {"kernels", json::array()}};
  if (!cuda.advice.empty()) result["advice"] = cuda.advice;
  if (cuda.driver.version != 0) {
    result["driver_version"] = gpu::cuda_version_text(cuda.driver.version);
  }
  if (cuda.module == nullptr) return result;
  for (std::size_t i = 0; i < cuda.module->kernel_count; ++i) {
    result["kernels"].push_back(cuda.module->kernels[i].id);
  }
  return result;
}

}  // namespace

void device_api::add_routes(http::router& routes, std::string_view prefix) {
  routes.add({.verb = http::method::get,
              .pattern = std::string{prefix} + "/devices",
              .handle = [this](http::request&) { return list(); },
              .document = {.operation = "list_devices",
                           .summary = "What kernels could run on, and how far CUDA got",
                           .tag = "runtime",
                           .responses = {{200, "As it was found at the start", "application/json",
                                          "device_list"}}}});
}

// GET /devices
http::response device_api::list() const {
  json devices = json::array({cpu_document()});
  for (std::size_t i = 0; i < cuda_.driver.devices.size(); ++i) {
    devices.push_back(cuda_document(i, cuda_.driver.devices[i]));
  }
  const json document = {{"total", devices.size()},
                         {"devices", std::move(devices)},
                         {"cuda", backend_document(cuda_)}};
  // A device's name need not be UTF-8.
  return http::json_response(document.dump(-1, ' ', false, json::error_handler_t::replace));
}

}  // namespace kernd::api
