#include "server/api/devices.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
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

/// What the driver says of a device, and what jobs make of it when it is used.
json cuda_document(const gpu::cuda_device& device, const gpu::device_status* used) {
  const auto capability =
      std::to_string(device.compute_major) + "." + std::to_string(device.compute_minor);
  json result = {{"id", gpu::id_of(device.ordinal)},
                 {"kind", "cuda"},
                 {"name", device.name},
                 {"compute_capability", capability},
                 {"memory_total_bytes", device.memory_bytes},
                 {"runs_kernels", used != nullptr && used->state == gpu::device_state::usable}};
  if (used == nullptr) return result;
  result["state"] = gpu::name_of(used->state);
  if (!used->failure.empty()) result["failure"] = used->failure;
  result["workspaces"] = used->workspaces;
  result["running"] = used->leased;
  if (const auto& memory = used->memory) {
    result["memory_free_bytes"] = memory->free;
    result["memory_used_bytes"] = memory->used;
    result["memory_peak_bytes"] = memory->peak;
    result["memory_reserved_bytes"] = memory->reserved;
  }
  result["errors"] = json::object();
  for (const auto& [code, count] : used->errors) result["errors"][std::string{code}] = count;
  result["resets"] = used->resets;
  return result;
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
                           .summary = "What kernels run on, and how far CUDA got",
                           .tag = "runtime",
                           .responses = {{200, "Devices, and what was found at the start",
                                          "application/json", "device_list"}}}});
}

// GET /devices
http::response device_api::list() const {
  json devices = json::array({cpu_document()});
  const auto used = devices_.devices();
  for (const gpu::cuda_device& device : cuda_.driver.devices) {
    const auto found = std::ranges::find(used, device.ordinal, &gpu::device_status::ordinal);
    devices.push_back(cuda_document(device, found == used.end() ? nullptr : &*found));
  }
  const json document = {{"total", devices.size()},
                         {"devices", std::move(devices)},
                         {"cuda", backend_document(cuda_)}};
  // A device's name need not be UTF-8.
  return http::json_response(document.dump(-1, ' ', false, json::error_handler_t::replace));
}

}  // namespace kernd::api
