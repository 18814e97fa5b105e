#include "src/gpu/device_pool.hpp"

#include <pthread.h>

#include <algorithm>
#include <utility>

namespace kernd::gpu {

namespace {

using std::chrono::milliseconds;

/// Between two looks at `stop`: nobody tells the pool that a caller has gone.
constexpr milliseconds patience{10};
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
  struct run {
    context* workspace;
    stop_flags stops;
  };

  int ordinal;
  std::string pci_bus_id;

  // guarded by the pool's mutex
  device_state state = device_state::usable;
  std::string failure;
  clock::time_point failed_at{};
  bool is_given_up = false;                        // it was late, which has been told
  std::optional<clock::time_point> left_alone_at;  // since when nobody waits for any of its runs
  std::vector<context*> idle;
  std::vector<run> runs_now;
  std::uint64_t reserved_bytes = 0;
  std::optional<device_memory> memory;
  device_sensors sensors;
  std::vector<device_error_count> errors;

  std::array<shared_counter, run_status_count> runs;  // that have ended
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
    made->runs_now.reserve(options.streams);
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
    const auto now = clock::now();
    device* best = nullptr;
    for (const auto& d : devices_) {
      if (d->state != device_state::usable) continue;
      if (best == nullptr || d->idle.size() > best->idle.size()) best = d.get();
    }
    if (best == nullptr || refuses(now)) {
      return error{errc::device_error, "no CUDA device is usable"};
    }
    if (are_set(stops)) return error{errc::cancelled, "nobody waits"};
    if (!best->idle.empty() && !is_held_up(now)) {
      context* const workspace = best->idle.back();
      best->idle.pop_back();
      best->runs_now.push_back({workspace, stops});
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
    std::erase_if(d.runs_now, [&](const auto& run) { return run.workspace == workspace; });
    d.reserved_bytes -= reserved;
    if (how == run_status::device_failed) fail(d);
  }
  changed_.notify_all();
}

/// Takes it out of use. Like all functions down to `hangs`, with the mutex held.
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

/// Whether a device that recovers has had its time.
bool device_pool::is_late(const device& d, clock::time_point now) const noexcept {
  return d.state == device_state::recovering && now >= d.failed_at + options_.recovery_time;
}

/// Whether no job starts on any device: the one that has the host memory locked waits for the end
/// of all jobs, which is worth a while, or is reset.
bool device_pool::is_held_up(clock::time_point now) const noexcept {
  const bool waits = home_ != nullptr && home_->state == device_state::recovering;
  return waits && (home_is_out_ || !is_late(*home_, now));
}

/// Whether that takes too long for who would run a job.
bool device_pool::refuses(clock::time_point now) const noexcept {
  return home_is_out_ && is_late(*home_, now);
}

/// Once no job is there; none at all, for the device by which the host memory is locked.
bool device_pool::may_reset(const device& d) const noexcept {
  const auto is_free = [](const auto& each) { return each->runs_now.empty(); };
  return &d == home_ ? std::ranges::all_of(devices_, is_free) : d.runs_now.empty();
}

/// Whether all its workspaces have long been held by jobs that nobody waits for.
bool device_pool::hangs(device& d, clock::time_point now) const noexcept {
  const bool is_left_alone =
      d.idle.empty() && !d.runs_now.empty() &&
      std::ranges::all_of(d.runs_now, [](const auto& run) { return are_set(run.stops); });
  if (!is_left_alone) {
    d.left_alone_at.reset();
  } else if (!d.left_alone_at) {
    d.left_alone_at = now;
  }
  return is_left_alone && now - *d.left_alone_at >= options_.hang_time;
}

/// By whom it is locked now; null: by nobody, so that copies take longer.
device_pool::device* device_pool::lock_host_memory(device* by) {
  if (by == nullptr) return nullptr;
  const auto locked = host_memory_.lock(module_, by->ordinal);
  if (!locked) tell(log_level::warn, "host memory is not page-locked", *by, locked.error());
  return host_memory_.locked_bytes() == 0 ? nullptr : by;
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
      } else if (!is_late(*d, clock::now())) {
        next_duty = std::min(next_duty, d->failed_at + options_.recovery_time);
      } else if (!std::exchange(d->is_given_up, true)) {
        tell(log_level::error, "device failed", *d,
             {errc::device_error, "it cannot be reset while jobs run that do not end"});
      }
    }
    if (clock::now() >= next_look) {
      for (const auto& d : devices_) look(lock, *d, nvml);
      next_look = clock::now() + options_.look_interval;
      continue;  // things may have changed meanwhile
    }
    if (!stops_) changed_.wait_until(lock, next_duty);
  }
}

void device_pool::recover(std::unique_lock<std::mutex>& lock, device& d) {
  const auto old = std::exchange(d.idle, {});
  const bool is_home = &d == home_;
  device* const other = usable_one();
  home_is_out_ = is_home;
  lock.unlock();

  if (is_home) host_memory_.forget_lock();
  for (context* const workspace : old) module_.close(workspace);
  std::vector<context*> fresh;
  error why{};
  if (module_.reset(d.ordinal, &why)) why = start(d.ordinal, fresh);
  const bool is_well = why.message.empty();
  device* home = home_;
  if (is_home || home == nullptr) home = lock_host_memory(is_well ? &d : other);
  tell(is_well ? log_level::warn : log_level::error, is_well ? "device recovered" : "device failed",
       d, why);

  lock.lock();
  home_ = home;
  home_is_out_ = false;
  d.idle = std::move(fresh);
  if (is_well) d.resets.add();
  d.is_given_up = false;
  d.state = is_well ? device_state::usable : device_state::failed;
  d.failure = is_well ? std::string{} : "it failed and could not be reset: " + why.message;
  changed_.notify_all();
}

void device_pool::look(std::unique_lock<std::mutex>& lock, device& d, const sensors& nvml) {
  if (d.state != device_state::usable) return;
  if (hangs(d, clock::now())) {
    tell(log_level::error, "device failed", d, {errc::device_error, "its jobs do not end"});
    return fail(d);
  }
  is_looking_ = true;
  lock.unlock();
  device_memory now{};
  error why{};
  const bool is_known = module_.memory(d.ordinal, &now, &why);
  const bool is_lost = !is_known && !module_.probe(d.ordinal, &why);
  const auto measured = nvml.read(d.pci_bus_id);
  if (is_lost) tell(log_level::error, "device failed", d, why);
  lock.lock();
  is_looking_ = false;
  if (is_lost) return fail(d);
  if (d.state != device_state::usable) return;  // a job has found out meanwhile
  d.sensors = measured;
  d.memory = is_known ? std::optional{now} : std::nullopt;
}

std::vector<device_status> device_pool::status() const {
  std::vector<device_status> result;
  const auto now = clock::now();
  const std::lock_guard lock{mutex_};
  for (const auto& d : devices_) {
    // A reset may hang, and with it whoever could say so: hence a late one counts as failed.
    const bool has_had_its_time = is_late(*d, now);
    device_status status{
        .ordinal = d->ordinal,
        .state = has_had_its_time ? device_state::failed : d->state,
        .failure = has_had_its_time ? "it failed and was not back in time" : d->failure,
        .workspaces = d->runs_now.size() + d->idle.size(),
        .leased = d->runs_now.size(),
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
  return usable_one() != nullptr && !refuses(clock::now());
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
  return !is_looking_ && std::none_of(devices_.begin(), devices_.end(), [](const auto& d) {
    return d->state == device_state::recovering;
  });
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
