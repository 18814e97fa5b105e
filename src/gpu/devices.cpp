#include "kernd/gpu/devices.hpp"

#include <algorithm>

namespace kernd::gpu {

bool are_set(stop_flags stops) noexcept {
  // relaxed: hints, nothing else is read because of them
  return std::ranges::all_of(
      stops, [](const auto* stop) { return stop->load(std::memory_order_relaxed); });
}

std::string id_of(int ordinal) {
  return "cuda:" + std::to_string(ordinal);
}

std::string_view name_of(device_state state) noexcept {
  switch (state) {
    case device_state::usable:
      return "usable";
    case device_state::recovering:
      return "recovering";
    case device_state::failed:
      break;
  }
  return "failed";
}

std::string_view name_of(run_status status) noexcept {
  switch (status) {
    case run_status::done:
      return "done";
    case run_status::failed:
      return "failed";
    case run_status::out_of_memory:
      return "out_of_memory";
    case run_status::device_failed:
      break;
  }
  return "device_failed";
}

}  // namespace kernd::gpu
