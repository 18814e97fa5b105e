#include "src/gpu/device_metrics.hpp"

#include <array>
#include <string>

namespace kernd::gpu {

namespace {

using kind = metric_family::kind;

/// A family with a sample per device.
template <class F>
void per_device(std::span<const device_status> devices, metric_families& out, kind what,
                const char* name, const char* help, F value) {
  metric_family family{out, what, name, help};
  for (const device_status& d : devices) {
    family.add({{"device", id_of(d.ordinal)}}, static_cast<double>(value(d)));
  }
}

void collect_memory(std::span<const device_status> devices, metric_families& out) {
  metric_family family{out, kind::gauge, "kernd_device_memory_bytes",
                       "Memory of the device: all of it, free for any process, held by the pool, "
                       "used by jobs, and the most they used."};
  for (const device_status& d : devices) {
    if (!d.memory) continue;
    const std::string id = id_of(d.ordinal);
    const device_memory& m = *d.memory;
    family.add({{"device", id}, {"state", "total"}}, static_cast<double>(m.total))
        .add({{"device", id}, {"state", "free"}}, static_cast<double>(m.free))
        .add({{"device", id}, {"state", "reserved"}}, static_cast<double>(m.reserved))
        .add({{"device", id}, {"state", "used"}}, static_cast<double>(m.used))
        .add({{"device", id}, {"state", "peak"}}, static_cast<double>(m.peak));
  }
}

void collect_runs(std::span<const device_status> devices, metric_families& out) {
  metric_family family{out, kind::counter, "kernd_device_runs_total",
                       "Runs on the device by how they ended."};
  for (const device_status& d : devices) {
    for (std::size_t i = 0; i < run_status_count; ++i) {
      family.add({{"device", id_of(d.ordinal)}, {"outcome", name_of(static_cast<run_status>(i))}},
                 static_cast<double>(d.runs[i]));
    }
  }
}

void collect_errors(std::span<const device_status> devices, metric_families& out) {
  metric_family family{out, kind::counter, "kernd_device_errors_total",
                       "Errors of CUDA and its libraries that ended runs, by their names."};
  for (const device_status& d : devices) {
    for (const auto& [code, count] : d.errors) {
      family.add({{"device", id_of(d.ordinal)}, {"code", code}}, static_cast<double>(count));
    }
  }
}

void collect_transfers(std::span<const device_status> devices, metric_families& out) {
  const auto both = [&](const char* name, const char* help, auto h2d, auto d2h) {
    metric_family family{out, kind::counter, name, help};
    for (const device_status& d : devices) {
      const std::string id = id_of(d.ordinal);
      family.add({{"device", id}, {"direction", "h2d"}}, static_cast<double>(d.*h2d))
          .add({{"device", id}, {"direction", "d2h"}}, static_cast<double>(d.*d2h));
    }
  };
  both("kernd_device_transfer_bytes_total", "Bytes copied to the device and back.",
       &device_status::h2d_bytes, &device_status::d2h_bytes);
  both("kernd_device_transfer_seconds_total", "Time of those copies by the device's clock.",
       &device_status::h2d_seconds, &device_status::d2h_seconds);
}

void collect_sensors(std::span<const device_status> devices, metric_families& out) {
  const auto gauge = [&](const char* name, const char* help,
                         std::optional<double> device_sensors::*value) {
    metric_family family{out, kind::gauge, name, help};
    for (const device_status& d : devices) {
      if (const auto now = d.sensors.*value) family.add({{"device", id_of(d.ordinal)}}, *now);
    }
  };
  gauge("kernd_device_utilization_ratio", "Share of the time in which some kernel ran.",
        &device_sensors::utilization);
  gauge("kernd_device_temperature_celsius", "Of the GPU.", &device_sensors::temperature_celsius);
  gauge("kernd_device_power_watts", "Of the whole board.", &device_sensors::power_watts);
}

}  // namespace

void collect_devices(std::span<const device_status> devices, metric_families& out) {
  if (devices.empty()) return;
  per_device(devices, out, kind::gauge, "kernd_device_usable", "1 while jobs may run there.",
             [](const device_status& d) { return d.state == device_state::usable ? 1 : 0; });
  per_device(devices, out, kind::gauge, "kernd_device_workspaces", "Jobs it can run at a time.",
             [](const device_status& d) { return d.workspaces; });
  per_device(devices, out, kind::gauge, "kernd_device_running", "Jobs that run there.",
             [](const device_status& d) { return d.leased; });
  per_device(devices, out, kind::gauge, "kernd_device_job_memory_bytes",
             "Memory that running jobs have asked for.",
             [](const device_status& d) { return d.reserved_bytes; });
  collect_memory(devices, out);
  collect_runs(devices, out);
  collect_errors(devices, out);
  collect_transfers(devices, out);
  collect_sensors(devices, out);
  per_device(devices, out, kind::counter, "kernd_device_compute_seconds_total",
             "Time that jobs' kernels ran by the device's clock; jobs overlap.",
             [](const device_status& d) { return d.compute_seconds; });
  per_device(devices, out, kind::counter, "kernd_device_resets_total",
             "How often it was reset after a failure.",
             [](const device_status& d) { return d.resets; });
}

}  // namespace kernd::gpu
