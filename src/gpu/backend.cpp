#include "kernd/gpu/backend.hpp"

#include "kernd/gpu/pinned_pool.hpp"
#include "kernd/metrics.hpp"
#include "kernd/payload_bytes.hpp"
#include "src/gpu/calibration.hpp"
#include "src/gpu/device_metrics.hpp"
#include "src/gpu/device_pool.hpp"

#include <algorithm>
#include <limits>
#include <mutex>
#include <new>
#include <string>
#include <utility>

namespace kernd::gpu {

namespace {

/// Of the devices that the driver has, those that the configuration names; all when it names none.
std::vector<chosen_device> chosen_devices(const cuda_report& found, const gpu_config& options) {
  std::vector<chosen_device> chosen;
  if (found.module == nullptr) return chosen;
  for (const cuda_device& device : found.driver.devices) {
    const bool is_named =
        std::ranges::find(options.devices, std::to_string(device.ordinal)) != options.devices.end();
    if (options.devices.empty() || is_named) chosen.push_back({device.ordinal, device.pci_bus_id});
  }
  return chosen;
}

placement placement_of(std::string_view id, const gpu_config& options) {
  const auto names = [id](const std::vector<std::string>& ids) {
    return std::ranges::find(ids, id) != ids.end();
  };
  if (names(options.cpu_kernels)) return placement::cpu;
  return names(options.cuda_kernels) ? placement::cuda : placement::by_size;
}

/// Whether the fault is the device's, not the job's.
bool is_devices(errc why) {
  return why == errc::device_error || why == errc::memory_exhausted;
}

/// What a run may take, of the arena of its job and of its device, and whether it should end.
struct run_owner {
  arena& host;
  device_pool::lease& device;
  std::size_t left_on_device;
  stop_flags stops;

  static void* allocate(void* owner, std::size_t bytes) noexcept {
    try {
      return static_cast<run_owner*>(owner)->host.allocate_bytes(bytes);
    } catch (const std::bad_alloc&) {
      return nullptr;
    }
  }

  static bool reserve(void* owner, std::size_t bytes) noexcept {
    auto& me = *static_cast<run_owner*>(owner);
    if (bytes > me.left_on_device || !me.device.reserve(bytes)) return false;
    me.left_on_device -= bytes;
    return true;
  }

  static bool is_stopped(void* owner) noexcept {
    return are_set(static_cast<run_owner*>(owner)->stops);
  }
};

}  // namespace

cuda_report look_for_cuda(const kernel_registry& registry, const host_api& host,
                          const gpu_config& options) {
  return options.enabled == gpu_use::off ? cuda_turned_off() : find_cuda(registry, host);
}

std::string_view name_of(placement where) noexcept {
  switch (where) {
    case placement::cpu:
      return "cpu";
    case placement::cuda:
      return "cuda";
    case placement::by_size:
      break;
  }
  return "auto";
}

/// The twin of a kernel. Jobs read it while the start-up still measures.
struct cuda_backend::twin {
  static constexpr std::size_t never = std::numeric_limits<std::size_t>::max();

  const module_kernel* code = nullptr;
  placement where = placement::cpu;
  std::atomic<std::size_t> from_bytes{0};  // `never`: the CPU is always faster
  std::atomic<bool> is_trusted{true};
  std::vector<calibration_point> points{};  // guarded by the implementation's mutex
};

struct cuda_backend::implementation {
  implementation(const kernel_registry& kernels, const cuda_report& report,
                 const gpu_config& chosen, logger* l)
      : registry{kernels}, found{report}, options{chosen}, log{l}, twins(kernels.size()) {
    const auto used = chosen_devices(found, options);
    if (used.empty()) return;
    host_memory.emplace(options.pinned_pool_bytes);
    const pool_options pool{.streams = options.streams,
                            .pool_bytes = options.pool_initial_bytes,
                            .memory_limit_bytes = options.memory_limit_bytes};
    devices.emplace(*found.module, used, pool, *host_memory, log);
    for (std::size_t i = 0; i < found.module->kernel_count; ++i) {
      const module_kernel& code = found.module->kernels[i];
      const kernel_entry* const entry = registry.find(code.id, kernel_mode::batch);
      if (entry == nullptr) continue;  // not of a module that was accepted
      twins[entry->index].code = &code;
      twins[entry->index].where = placement_of(code.id, options);
    }
  }

  const twin* find(const kernel_entry& entry) const noexcept {
    const twin& t = twins[entry.index];
    // relaxed: nothing else is read because of it
    return t.code != nullptr && t.is_trusted.load(std::memory_order_relaxed) ? &t : nullptr;
  }

  void keep(const kernel_entry& entry, std::vector<calibration_point> points) {
    twin& t = twins[entry.index];
    const auto from = crossover_bytes(points);
    const std::lock_guard lock{mutex};
    t.points = std::move(points);
    t.from_bytes.store(from.value_or(twin::never), std::memory_order_relaxed);
    if (log == nullptr) return;
    log->info("calibrated", {{"kernel", entry.kernel.info.id},
                             {"cuda_from_bytes", from ? std::to_string(*from) : "never"}});
  }

  /// That a run failed for the device's sake. Refusals may come with each job: one a second.
  void tell(const kernel_entry& entry, int ordinal, run_status how, const error& why) {
    const bool is_lost = how == run_status::device_failed;
    if (log == nullptr || !(is_lost || is_devices(why.code))) return;
    const std::int64_t now = std::chrono::steady_clock::now().time_since_epoch().count();
    if (!is_lost) {
      constexpr std::chrono::nanoseconds between = std::chrono::seconds{1};
      auto last = told_at.load(std::memory_order_relaxed);
      // relaxed: one of those who come at once tells
      if (now - last < between.count() ||
          !told_at.compare_exchange_strong(last, now, std::memory_order_relaxed)) {
        return;
      }
    }
    log->write(is_lost ? log_level::error : log_level::warn,
               is_lost ? "device failed" : "device refused a job",
               {{"device", std::string_view{id_of(ordinal)}},
                {"kernel", entry.kernel.info.id},
                {"error", std::string_view{why.internal}}});
  }

  const kernel_registry& registry;
  const cuda_report& found;
  const gpu_config options;
  logger* const log;
  std::vector<twin> twins;  // by the kernel's index
  std::optional<pinned_pool> host_memory;
  std::optional<device_pool> devices;
  shared_counter fallbacks;
  std::atomic<std::int64_t> told_at{0};  // of a refusal; steady, ns
  mutable std::mutex mutex;              // guards what follows, and the twins' points
  std::vector<std::string> distrust;     // reasons
};

cuda_backend::cuda_backend(const kernel_registry& registry, const cuda_report& found,
                           const gpu_config& options, logger* log)
    : implementation_{new implementation{registry, found, options, log}} {}

cuda_backend::~cuda_backend() = default;

std::vector<std::string> cuda_backend::misnamed() const {
  const auto& me = *implementation_;
  std::vector<std::string> lines;
  const auto look_for_kernels = [&](const char* key, const std::vector<std::string>& ids) {
    for (const std::string& id : ids) {
      if (me.registry.find(id, kernel_mode::batch) != nullptr) continue;
      lines.push_back(std::string{key} + ": there is no batch kernel " + id);
    }
  };
  look_for_kernels("gpu.cpu_kernels", me.options.cpu_kernels);
  look_for_kernels("gpu.cuda_kernels", me.options.cuda_kernels);
  const auto used = devices();
  for (const std::string& number : me.options.devices) {
    const auto is_it = [&](const device_status& d) { return std::to_string(d.ordinal) == number; };
    if (std::ranges::none_of(used, is_it))
      lines.push_back("gpu.devices: there is no device " + number);
  }
  return lines;
}

void cuda_backend::calibrate(const std::atomic<bool>& stop) {
  for (const auto& entry : implementation_->registry.by_index()) calibrate(*entry, stop);
}

void cuda_backend::calibrate(const kernel_entry& entry, const std::atomic<bool>& stop) {
  constexpr int priority = 5;
  const twin* const t = implementation_->find(entry);
  if (t == nullptr || t->where != placement::by_size || entry.kernel.sample == nullptr) return;
  static_cast<void>(await_usable());  // the kernel before may have failed the device
  const std::atomic<bool>* const stops = &stop;
  const auto run_on_device = [&](const void* in, void* out, arena& memory) {
    return run(entry, {&in, 1}, {&out, 1}, memory, priority, {&stops, 1}).has_value();
  };
  implementation_->keep(entry, gpu::calibrate(entry, run_on_device, host_memory(), stop));
}

void cuda_backend::distrust(const kernel_entry& entry, const std::string& reason) {
  auto& me = *implementation_;
  me.twins[entry.index].is_trusted.store(false, std::memory_order_relaxed);
  const std::lock_guard lock{me.mutex};
  me.distrust.push_back(std::string{entry.kernel.info.id} + " stays on the CPU: " + reason);
}

std::optional<kernel_placement> cuda_backend::find(const kernel_entry& entry) const {
  const twin* const t = implementation_->find(entry);
  if (t == nullptr) return std::nullopt;
  kernel_placement result{.where = t->where, .crossover_bytes = {}, .points = {}};
  const std::size_t from = t->from_bytes.load(std::memory_order_relaxed);
  if (t->where == placement::by_size && from != twin::never) result.crossover_bytes = from;
  const std::lock_guard lock{implementation_->mutex};
  result.points = t->points;
  return result;
}

std::size_t cuda_backend::max_batch(const kernel_entry& entry) const noexcept {
  const twin* const t = implementation_->find(entry);
  return t == nullptr ? 0 : t->code->max_batch;
}

bool cuda_backend::takes(const kernel_entry& entry, std::span<const void* const> inputs) const {
  const twin* const t = implementation_->find(entry);
  if (t == nullptr || t->where == placement::cpu) return false;
  if (t->where == placement::by_size) {
    const std::size_t from = t->from_bytes.load(std::memory_order_relaxed);
    if (from == twin::never) return false;
    std::size_t bytes = 0;
    for (const void* const input : inputs) bytes += payload_bytes(*entry.kernel.input, input);
    if (bytes < from) return false;
  }
  return is_usable() || !falls_back(entry, errc::device_error, inputs.size());
}

result<device_run> cuda_backend::run(const kernel_entry& entry, std::span<const void* const> in,
                                     std::span<void* const> out, arena& memory, int priority,
                                     stop_flags stops) {
  auto& me = *implementation_;
  auto leased = me.devices->acquire(stops);
  if (!leased) return std::move(leased).error();
  auto& lease = *leased;
  const auto began = std::chrono::steady_clock::now();
  run_owner owner{memory, lease, memory.limit_bytes(), stops};
  const job_terms terms{&owner, run_owner::allocate, run_owner::reserve, run_owner::is_stopped,
                        priority};
  job_report report{};
  error why{};
  const run_status how = me.twins[entry.index].code->run(in.data(), out.data(), in.size(),
                                                         lease.workspace(), &terms, &report, &why);
  lease.ended(how, report);
  if (how == run_status::done) return device_run{lease.ordinal(), report, began};
  me.tell(entry, lease.ordinal(), how, why);
  return why;
}

bool cuda_backend::falls_back(const kernel_entry& entry, errc why,
                              std::size_t jobs) const noexcept {
  const bool may = implementation_->options.fallback && entry.kernel.info.cpu_fallback;
  if (!may || !is_devices(why)) return false;
  implementation_->fallbacks.add(jobs);
  return true;
}

memory_source* cuda_backend::host_memory() noexcept {
  auto& pool = implementation_->host_memory;
  return pool ? &*pool : nullptr;
}

std::vector<device_status> cuda_backend::devices() const {
  const auto& pool = implementation_->devices;
  return pool ? pool->status() : std::vector<device_status>{};
}

std::string cuda_backend::places() const {
  const auto& known = implementation_->found.driver.devices;
  std::vector<std::string> usable;
  for (const device_status& d : devices()) {
    if (d.state != device_state::usable) continue;
    const auto device = std::ranges::find(known, d.ordinal, &cuda_device::ordinal);
    usable.push_back(id_of(d.ordinal) + " " + device->name);  // it was chosen among those
  }
  std::string text = "cpu";
  for (const std::string& device : usable) {
    text += (&device == &usable.back() ? " and " : ", ") + device;
  }
  return text;
}

bool cuda_backend::is_usable() const {
  const auto& pool = implementation_->devices;
  return pool && pool->is_usable();
}

bool cuda_backend::await_usable() const {
  const auto& pool = implementation_->devices;
  return pool && pool->await_usable();
}

std::string cuda_backend::required_failure() const {
  const auto& me = *implementation_;
  if (me.options.enabled != gpu_use::on) return {};
  if (!me.devices) {
    return me.found.module == nullptr ? me.found.found : "none of gpu.devices is there";
  }
  return me.devices->is_usable() ? std::string{} : "no CUDA device is usable";
}

std::string cuda_backend::lost() const {
  const auto all = devices();
  const bool is_required = implementation_->options.enabled == gpu_use::on;
  const bool have_failed = std::ranges::all_of(
      all, [](const device_status& d) { return d.state == device_state::failed; });
  return is_required && !all.empty() && have_failed ? "every CUDA device has failed" : "";
}

component_health cuda_backend::judge() const {
  component_health result{"devices", health_status::healthy, {}};
  std::size_t usable = 0;
  const auto all = devices();
  for (const device_status& d : all) {
    if (d.state == device_state::usable) {
      ++usable;
      continue;
    }
    result.status = health_status::degraded;
    result.message += (result.message.empty() ? "" : "; ") + id_of(d.ordinal) + " is " +
                      std::string{name_of(d.state)};
    if (!d.failure.empty()) result.message += ": " + d.failure;
  }
  {
    const std::lock_guard lock{implementation_->mutex};
    for (const std::string& reason : implementation_->distrust) {
      result.status = health_status::degraded;
      result.message += (result.message.empty() ? "" : "; ") + reason;
    }
  }
  if (auto failure = required_failure(); !failure.empty()) {
    return {"devices", health_status::unhealthy, "required: " + failure};
  }
  if (result.message.empty()) {
    result.message = all.empty() ? "jobs run on the CPU"
                                 : std::to_string(usable) + " CUDA device" +
                                       (usable == 1 ? "" : "s") + " and the CPU";
  }
  return result;
}

void cuda_backend::collect(metric_families& out) const {
  const auto& me = *implementation_;
  if (!me.devices) return;
  collect_devices(me.devices->status(), out);
  metric_family{out, metric_family::kind::counter, "kernd_device_fallbacks_total",
                "Jobs that ran on the CPU because a device failed or lacked memory."}
      .add({}, static_cast<double>(me.fallbacks.value()));
  metric_family{out, metric_family::kind::gauge, "kernd_pinned_memory_bytes",
                "Page-locked host memory."}
      .add({{"state", "total"}}, static_cast<double>(me.host_memory->locked_bytes()))
      .add({{"state", "used"}}, static_cast<double>(me.host_memory->used_bytes()));
}

bool cuda_backend::is_idle() const {
  const auto& pool = implementation_->devices;
  return !pool || pool->is_idle();
}

}  // namespace kernd::gpu
