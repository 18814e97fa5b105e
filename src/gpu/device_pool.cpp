#include "src/gpu/device_pool.hpp"

#include <pthread.h>

#include <algorithm>
#include <utility>

namespace kernd::gpu {

namespace {

using std::chrono::milliseconds;

/// Between two looks at `stop`: nobody tells the pool that a caller has gone.
constexpr milliseconds patience{10};
constexpr milliseconds look_interval{1000};
/// Of errors that are told apart: more than a device ever has.
constexpr std::size_t most_error_codes = 64;

std::uint64_t nanoseconds(double us) {
  return us > 0 ? static_cast<std::uint64_t>(us * 1e3) : 0;
}

double seconds(const shared_counter& ns) {
  return static_cast<double>(ns.value()) * 1e-9;
}

}  // namespace

struct device_pool::device {
  int ordinal;
  std::string pci_bus_id;

  // guarded by the pool's mutex
  device_state state = device_state::usable;
  std::string failure;
  clock::time_point failed_at{};
  std::vector<context*> idle;
  std::size_t leased = 0;
  std::uint64_t reserved_bytes = 0;
  std::optional<device_memory> memory;
  device_sensors sensors;
  std::vector<device_error_count> errors;

  std::array<shared_counter, run_status_count> runs;
  shared_counter resets;
  shared_counter h2d_bytes;
  shared_counter d2h_bytes;
  shared_counter h2d_ns;
  shared_counter compute_ns;
  shared_counter d2h_ns;
};

device_pool::device_pool(const module_info& module, std::span<const chosen_device> chosen,
                         const pool_options& options, pinned_pool& host_memory, logger* log)
    : module_{module}, options_{options}, host_memory_{host_memory}, log_{log} {
  for (const auto& [ordinal, pci_bus_id] : chosen) {
    auto made = std::make_unique<device>();
    made->ordinal = ordinal;
    made->pci_bus_id = pci_bus_id;
    made->errors.reserve(most_error_codes);
    devices_.push_back(std::move(made));
    device& d = *devices_.back();
    const error why = start(ordinal, d.idle);
    if (why.message.empty()) continue;
    d.state = device_state::failed;
    d.failure = why.message;
    tell(log_level::error, "device failed", d, why);
  }
  home_ = lock_host_memory(usable_one());
  keeper_ = std::thread{[this] { keep(); }};
}

device_pool::~device_pool() {
  {
    const std::lock_guard lock{mutex_};
    stops_ = true;
  }
  changed_.notify_all();
  keeper_.join();
  for (const auto& d : devices_) {
    for (context* const workspace : d->idle) module_.close(workspace);
  }
  host_memory_.unlock();
}

/// Makes a device ready for jobs; an error without a message means that it is. What was opened
/// until then is in `workspaces` either way.
error device_pool::start(int ordinal, std::vector<context*>& workspaces) {
  workspaces.reserve(options_.streams);  // also so that giving back needs no memory
  error why{};
  if (!module_.start(ordinal, options_.pool_bytes, &why)) return why;
  if (!module_.probe(ordinal, &why)) return why;
  while (workspaces.size() < options_.streams) {
    context* const opened = module_.open(ordinal, &why);
    if (opened == nullptr) return why;
    workspaces.push_back(opened);
  }
  return {};
}

result<device_pool::lease> device_pool::acquire(stop_flags stops) {
  std::unique_lock lock{mutex_};
  for (;;) {
    device* best = nullptr;
    bool any = false;
    for (const auto& d : devices_) {
      if (d->state != device_state::usable) continue;
      any = true;
      if (best == nullptr || d->idle.size() > best->idle.size()) best = d.get();
    }
    if (!any) return error{errc::device_error, "no CUDA device is usable"};
    if (are_set(stops)) return error{errc::cancelled, "nobody waits"};
    if (!best->idle.empty() && !is_held_up()) {
      context* const workspace = best->idle.back();
      best->idle.pop_back();
      ++best->leased;
      return lease{*this, *best, workspace};
    }
    changed_.wait_for(lock, patience);
  }
}

void device_pool::give(device& d, context* workspace, std::size_t reserved,
                       run_status how) noexcept {
  {
    const std::lock_guard lock{mutex_};
    d.idle.push_back(workspace);
    --d.leased;
    d.reserved_bytes -= reserved;
    if (how == run_status::device_failed) fail(d);
  }
  changed_.notify_all();
}

/// Takes it out of use. Like all functions down to `may_reset`, with the mutex held.
void device_pool::fail(device& d) noexcept {
  if (d.state != device_state::usable) return;
  d.state = device_state::recovering;
  d.failed_at = clock::now();
  d.memory.reset();
  d.sensors = {};
}

device_pool::device* device_pool::usable_one() const noexcept {
  const auto found = std::ranges::find(devices_, device_state::usable, &device::state);
  return found == devices_.end() ? nullptr : found->get();
}

/// No job starts on any device while the one that has the host memory locked is reset.
bool device_pool::is_held_up() const noexcept {
  return home_ != nullptr && home_->state == device_state::recovering &&
         !is_late(*home_, clock::now());
}

/// Once no job is there; none at all, for the device by which the host memory is locked.
bool device_pool::may_reset(const device& d) const noexcept {
  const auto is_free = [](const auto& each) { return each->leased == 0; };
  return &d == home_ ? std::ranges::all_of(devices_, is_free) : d.leased == 0;
}

/// By whom it is locked now; null: by nobody, so that copies take longer.
device_pool::device* device_pool::lock_host_memory(device* by) {
  if (by == nullptr) return nullptr;
  const auto locked = host_memory_.lock(module_, by->ordinal);
  if (!locked) {
    tell(log_level::warn, "host memory is not page-locked", *by, locked.error());
    return nullptr;
  }
  return by;
}

void device_pool::count_error(device& d, std::string_view code) noexcept {
  const std::lock_guard lock{mutex_};
  const auto known = std::ranges::find(d.errors, code, &device_error_count::code);
  if (known != d.errors.end()) {
    ++known->count;
  } else if (d.errors.size() < d.errors.capacity()) {
    d.errors.push_back({code, 1});
  }
}

void device_pool::tell(log_level level, std::string_view what, const device& d,
                       const error& why) const {
  if (log_ == nullptr) return;
  log_->write(level, what,
              {{"device", std::string_view{id_of(d.ordinal)}},
               {"reason", std::string_view{why.message}},
               {"error", std::string_view{why.internal}}});
}

/// What the keeper does: resets devices once nobody uses them, and looks how they are.
void device_pool::keep() {
  pthread_setname_np(pthread_self(), "kernd-devices");
  const sensors nvml{options_.nvml};
  std::unique_lock lock{mutex_};
  auto next_look = clock::now();
  while (!stops_) {
    auto next_duty = next_look;
    for (const auto& d : devices_) {
      if (d->state != device_state::recovering) continue;
      if (may_reset(*d)) {
        recover(lock, *d);
        next_duty = clock::now();  // another may have failed meanwhile
      } else if (is_late(*d, clock::now())) {
        d->state = device_state::failed;
        d->failure = "it failed, and jobs that run do not end";
        tell(log_level::error, "device failed", *d, {errc::device_error, d->failure});
      } else {
        next_duty = std::min(next_duty, d->failed_at + options_.recovery_time);
      }
    }
    if (clock::now() >= next_look) {
      read_devices(lock, nvml);
      next_look = clock::now() + look_interval;
      continue;  // things may have changed meanwhile
    }
    if (!stops_) changed_.wait_until(lock, next_duty);
  }
}

void device_pool::recover(std::unique_lock<std::mutex>& lock, device& d) {
  const auto old = std::exchange(d.idle, {});
  const bool is_home = &d == home_;
  device* const other = usable_one();
  lock.unlock();

  if (is_home) host_memory_.forget_lock();
  for (context* const workspace : old) module_.close(workspace);
  std::vector<context*> fresh;
  error why{};
  if (module_.reset(d.ordinal, &why)) why = start(d.ordinal, fresh);
  device* home = home_;
  if (is_home) home = lock_host_memory(why.message.empty() ? &d : other);
  if (why.message.empty() && is_late(d, clock::now())) {
    why = {errc::device_error, "it took longer than it may"};  // that has been told already
  }
  const bool is_well = why.message.empty();
  tell(is_well ? log_level::warn : log_level::error, is_well ? "device recovered" : "device failed",
       d, why);

  lock.lock();
  home_ = home;
  d.idle = std::move(fresh);
  d.resets.add();
  d.state = is_well ? device_state::usable : device_state::failed;
  d.failure = is_well ? std::string{} : "it failed and could not be reset: " + why.message;
  changed_.notify_all();
}

void device_pool::read_devices(std::unique_lock<std::mutex>& lock, const sensors& nvml) {
  for (const auto& d : devices_) {
    if (d->state != device_state::usable) continue;
    lock.unlock();
    device_memory now{};
    error why{};
    const bool is_there = module_.memory(d->ordinal, &now, &why);
    const auto measured = nvml.read(d->pci_bus_id);
    if (!is_there) tell(log_level::error, "device failed", *d, why);
    lock.lock();
    if (d->state != device_state::usable) continue;  // a job has found out meanwhile
    d->sensors = measured;
    d->memory = now;
    if (!is_there) fail(*d);
  }
}

/// Whether a device that recovers has had its time.
bool device_pool::is_late(const device& d, clock::time_point now) const noexcept {
  return d.state == device_state::recovering && now >= d.failed_at + options_.recovery_time;
}

std::vector<device_status> device_pool::status() const {
  std::vector<device_status> result;
  const auto now = clock::now();
  const std::lock_guard lock{mutex_};
  for (const auto& d : devices_) {
    // A reset may hang, and with it whoever could say so: hence a late one counts as failed.
    device_status status{.ordinal = d->ordinal,
                         .state = is_late(*d, now) ? device_state::failed : d->state,
                         .failure = d->failure,
                         .workspaces = d->leased + d->idle.size(),
                         .leased = d->leased,
                         .reserved_bytes = d->reserved_bytes,
                         .memory = d->memory,
                         .sensors = d->sensors,
                         .runs = {},
                         .errors = d->errors,
                         .resets = d->resets.value(),
                         .h2d_bytes = d->h2d_bytes.value(),
                         .d2h_bytes = d->d2h_bytes.value(),
                         .h2d_seconds = seconds(d->h2d_ns),
                         .compute_seconds = seconds(d->compute_ns),
                         .d2h_seconds = seconds(d->d2h_ns)};
    for (std::size_t i = 0; i < run_status_count; ++i) status.runs[i] = d->runs[i].value();
    result.push_back(std::move(status));
  }
  return result;
}

bool device_pool::is_usable() const {
  const std::lock_guard lock{mutex_};
  return std::any_of(devices_.begin(), devices_.end(),
                     [](const auto& d) { return d->state == device_state::usable; });
}

bool device_pool::await_usable() const {
  std::unique_lock lock{mutex_};
  for (;;) {
    bool any_recovers = false;
    for (const auto& d : devices_) {
      if (d->state == device_state::usable) return true;
      const bool recovers = d->state == device_state::recovering && !is_late(*d, clock::now());
      any_recovers = any_recovers || recovers;
    }
    if (!any_recovers) return false;
    changed_.wait_for(lock, patience);
  }
}

bool device_pool::is_idle() const {
  const std::lock_guard lock{mutex_};
  return std::none_of(devices_.begin(), devices_.end(),
                      [](const auto& d) { return d->state == device_state::recovering; });
}

device_pool::lease::lease(lease&& other) noexcept
    : pool_{std::exchange(other.pool_, nullptr)},
      device_{other.device_},
      workspace_{other.workspace_},
      reserved_bytes_{other.reserved_bytes_},
      how_{other.how_} {}

device_pool::lease::~lease() {
  if (pool_ != nullptr) pool_->give(*device_, workspace_, reserved_bytes_, how_);
}

int device_pool::lease::ordinal() const noexcept {
  return device_->ordinal;
}

bool device_pool::lease::reserve(std::size_t bytes) noexcept {
  const std::lock_guard lock{pool_->mutex_};
  const std::uint64_t limit = pool_->options_.memory_limit_bytes;
  if (limit != 0 && bytes > limit - std::min<std::uint64_t>(limit, device_->reserved_bytes)) {
    return false;
  }
  device_->reserved_bytes += bytes;
  reserved_bytes_ += bytes;
  return true;
}

void device_pool::lease::ended(run_status how, const job_report& report) noexcept {
  how_ = how;
  if (report.cuda_error != nullptr) {
    pool_->count_error(*device_, report.cuda_error);
  }
  device_->runs[static_cast<std::size_t>(how)].add();
  device_->h2d_bytes.add(report.h2d_bytes);
  device_->d2h_bytes.add(report.d2h_bytes);
  device_->h2d_ns.add(nanoseconds(report.h2d_us));
  device_->compute_ns.add(nanoseconds(report.compute_us));
  device_->d2h_ns.add(nanoseconds(report.d2h_us));
}

}  // namespace kernd::gpu
