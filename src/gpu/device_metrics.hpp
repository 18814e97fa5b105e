#pragma once

#include "kernd/exposition.hpp"
#include "kernd/gpu/devices.hpp"

#include <span>

namespace kernd::gpu {

/// Adds what a scraper sees of the devices, each with the label `device`: `cuda:0`.
void collect_devices(std::span<const device_status> devices, metric_families& out);

}  // namespace kernd::gpu
