#include "kernd/config_loader.hpp"

#include "config_file.hpp"
#include "kernd/config_keys.hpp"
#include "kernd/did_you_mean.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace kernd {
namespace {

/// Two keys of which the first must not exceed the second.
struct ordering_rule {
  std::string_view smaller;
  std::string_view larger;
};
constexpr std::array<ordering_rule, 3> ordering_rules = {{
    {"limits.max_body_bytes", "limits.body_memory_bytes"},
    {"executor.default_timeout_ms", "executor.max_timeout_ms"},
    {"health.degraded_error_ratio", "health.unhealthy_error_ratio"},
}};

std::string quote(std::string_view text) {
  return "`" + std::string{text} + "`";
}

/// Applies layer after layer and collects what is wrong with them.
class merger {
 public:
  merger() { loaded_.origins.resize(config_keys().size()); }

  void add_preset(const std::string& name) {
    const auto found = std::ranges::find(preset_names, name);
    if (found == preset_names.end()) {
      refuse("unknown preset " + quote(name) + did_you_mean(name, preset_names));
      return;
    }
    const auto index = static_cast<std::size_t>(found - preset_names.begin());
    for (const auto& key : config_keys()) {
      if (key.presets[index] == key.get(loaded_.values)) continue;
      set(key, key.presets[index], {config_layer::preset, name});
    }
  }

  void add_file(const std::string& path) {
    for (const auto& setting : read_config_file(path, errors_)) {
      set(*setting.key, setting.value,
          {config_layer::file, path + ":" + std::to_string(setting.line)});
    }
  }

  void add_variable(std::string_view variable) {
    constexpr std::string_view prefix = "KERND_";
    const std::string_view name = variable.substr(0, variable.find('='));
    if (!name.starts_with(prefix) || name.size() == variable.size()) return;
    // Only SECTION__KEY is ours: Kubernetes sets KERND_PORT and the like for a service `kernd`.
    const auto separator = name.find("__", prefix.size());
    if (separator == std::string_view::npos || separator == prefix.size() ||
        separator + 2 == name.size()) {
      return;
    }
    for (const auto& key : config_keys()) {
      if (key.environment_name() != name) continue;
      set_text(key, variable.substr(name.size() + 1),
               {config_layer::environment, std::string{name}});
      return;
    }
    std::string key_name{name.substr(prefix.size())};
    key_name.replace(separator - prefix.size(), 2, ".");
    std::ranges::transform(key_name, key_name.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    const config_key* meant = closest_config_key(key_name);
    refuse("environment: unknown variable " + quote(name) +
           (meant ? "; did you mean " + quote(meant->environment_name()) + "?" : ""));
  }

  void add_flag(const config_sources::flag& flag) {
    if (const config_key* key = find_config_key(flag.key)) {
      set_text(*key, flag.value, {config_layer::flag, {}});
      return;
    }
    const config_key* meant = closest_config_key(flag.key);
    refuse("flag: unknown key " + quote(flag.key) +
           (meant ? "; did you mean " + quote(meant->name) + "?" : ""));
  }

  boost::system::result<loaded_config, config_errors> finish() && {
    // A value that was refused is missing here, so the rules would blame the wrong one.
    if (errors_.messages.empty()) check_orderings(), check_ports();
    if (!errors_.messages.empty()) return std::move(errors_);
    return std::move(loaded_);
  }

 private:
  void set(const config_key& key, const config_value& value, config_origin origin) {
    key.set(loaded_.values, value);
    origin_of(key) = std::move(origin);
  }

  void set_text(const config_key& key, std::string_view text, config_origin origin) {
    const auto value = parse_value(key, text);
    if (value && accepts(key, *value)) {
      set(key, *value, std::move(origin));
      return;
    }
    refuse(to_string(origin) + ": " + std::string{key.name} + " is " + to_toml(std::string{text}) +
           ", expected " + expectation(key));
  }

  config_origin& origin_of(const config_key& key) {
    return loaded_.origins[static_cast<std::size_t>(&key - config_keys().data())];
  }

  void check_orderings() {
    for (const auto& [smaller_name, larger_name] : ordering_rules) {
      const config_key& smaller = *find_config_key(smaller_name);
      const config_key& larger = *find_config_key(larger_name);
      if (smaller.get(loaded_.values) <= larger.get(loaded_.values)) continue;
      refuse(with_origin(smaller) + " must not exceed " + with_origin(larger));
    }
  }

  std::string with_origin(const config_key& key) {
    return std::string{key.name} + " = " + to_toml(key.get(loaded_.values)) + " (" +
           to_string(origin_of(key)) + ")";
  }

  void check_ports() {
    const server_config& server = loaded_.values.server;
    if (server.probe_port == 0 || server.probe_port != server.port) return;
    refuse(with_origin(*find_config_key("server.probe_port")) + " must differ from " +
           with_origin(*find_config_key("server.port")));
  }

  void refuse(std::string message) { errors_.messages.push_back(std::move(message)); }

  loaded_config loaded_;
  config_errors errors_;
};

}  // namespace

void throw_exception_from_error(const config_errors& errors, const boost::source_location&) {
  std::string text;
  for (const auto& message : errors.messages) text += message + '\n';
  throw std::runtime_error(text);
}

std::string to_string(const config_origin& origin) {
  switch (origin.layer) {
    case config_layer::preset:
      return "preset " + origin.where;
    case config_layer::file:
      return "file " + origin.where;
    case config_layer::environment:
      return "environment " + origin.where;
    case config_layer::flag:
      return "flag";
    case config_layer::defaults:
      break;
  }
  return "default";
}

boost::system::result<loaded_config, config_errors> load_config(const config_sources& sources) {
  merger merged;
  if (sources.preset) merged.add_preset(*sources.preset);
  if (sources.file) merged.add_file(*sources.file);
  for (const auto& variable : sources.environment) merged.add_variable(variable);
  for (const auto& flag : sources.flags) merged.add_flag(flag);
  return std::move(merged).finish();
}

config_changes compare(const config& running, const config& next) {
  config_changes changes;
  for (const auto& key : config_keys()) {
    if (key.get(running) == key.get(next)) continue;
    (key.reloadable ? changes.reloadable : changes.need_restart).push_back(key.name);
  }
  return changes;
}

}  // namespace kernd
