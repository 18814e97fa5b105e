#include "kernd/live_config.hpp"

#include <string>
#include <utility>

namespace kernd {

namespace {

using clock = std::chrono::system_clock;

template <class Texts>
std::string joined(const Texts& texts, std::string_view separator) {
  std::string result;
  for (const auto& text : texts) {
    if (!result.empty()) result += separator;
    result += text;
  }
  return result;
}

}  // namespace

live_config::live_config(loaded_config initial, config_sources sources)
    : sources_{std::move(sources)},
      current_{std::make_shared<const state>(state{std::move(initial), 1, clock::now()})} {}

std::shared_ptr<const live_config::state> live_config::current() const {
  const std::lock_guard lock{mutex_};
  return current_;
}

result<reload_report> live_config::reload() {
  if (!values().runtime.hot_reload) {
    return error{errc::reload_disabled, "runtime.hot_reload is false"};
  }
  auto done = load_again();
  last_succeeded_.store(done.has_value(), std::memory_order_relaxed);
  return done;
}

result<reload_report> live_config::load_again() {
  auto loaded = load_config(sources_);
  if (!loaded) {
    const config_errors errors = loaded.error();
    return error{errc::configuration_invalid, joined(errors.messages, "; ")};
  }
  config_changes changes = compare(values(), loaded->values);
  if (!changes.need_restart.empty()) {
    return error{errc::restart_required,
                 "a restart is needed to change " + joined(changes.need_restart, ", ")};
  }
  const std::uint64_t revision = current_->revision + 1;
  auto next = std::make_shared<const state>(state{*std::move(loaded), revision, clock::now()});
  {
    const std::lock_guard lock{mutex_};
    current_ = std::move(next);
  }
  return reload_report{revision, std::move(changes.reloadable)};
}

void live_config::collect(metric_families& out) const {
  const auto now = current();
  const std::chrono::duration<double> loaded_at = now->loaded_at.time_since_epoch();
  const auto gauge = [&out](const char* name, const char* help, double value) {
    metric_family{out, metric_family::kind::gauge, name, help}.add({}, value);
  };
  gauge("kernd_config_revision", "1 at the start, one more with each successful reload.",
        static_cast<double>(now->revision));
  gauge("kernd_config_last_reload_successful", "0 when the last reload was refused.",
        last_succeeded_.load(std::memory_order_relaxed) ? 1 : 0);
  gauge("kernd_config_last_reload_success_timestamp_seconds",
        "When the configuration in force was loaded, in seconds since 1970.", loaded_at.count());
}

}  // namespace kernd
