#include "server/cli_sources.hpp"

#include "kernd/config_keys.hpp"

#include <CLI/App.hpp>

#include <utility>

namespace kernd::cli {
namespace {

std::vector<std::string> all(const char* const* environment) {
  std::vector<std::string> result;
  for (; environment != nullptr && *environment != nullptr; ++environment) {
    result.emplace_back(*environment);
  }
  return result;
}

}  // namespace

void source_flags::add_to(CLI::App& to) {
  add_file_and_preset(to);
  add_host_and_port(to);
  add_set(to, "Set any key; may be repeated", "SECTION.KEY=VALUE");
}

void source_flags::add_file_and_preset(CLI::App& to) {
  to.add_option("--config", file_, "TOML file to read")->type_name("FILE");
  std::string presets;
  for (const auto name : preset_names) presets += (presets.empty() ? "" : "|") + std::string{name};
  to.add_option("--preset", preset_, "Named set of defaults")->type_name(presets);
}

void source_flags::add_host_and_port(CLI::App& to) {
  to.add_option("--host", host_, "Same as --set server.host=ADDRESS")->type_name("ADDRESS");
  to.add_option("--port", port_, "Same as --set server.port=NUMBER")->type_name("NUMBER");
}

void source_flags::add_set(CLI::App& to, const std::string& description, const std::string& form) {
  add_assignments(to, "--set", settings_, description, form);
}

config_sources source_flags::sources(const char* const* environment) const {
  config_sources result{.preset = preset_, .file = file_, .environment = all(environment)};
  for (auto& [key, value] : settings()) result.flags.push_back({std::move(key), std::move(value)});
  if (host_) result.flags.push_back({"server.host", *host_});
  if (port_) result.flags.push_back({"server.port", *port_});
  return result;
}

config_sources source_flags::without_settings(const char* const* environment) const {
  source_flags others{*this};
  others.settings_.clear();
  return others.sources(environment);
}

void source_flags::add_assignments(CLI::App& to, const std::string& flag,
                                   std::vector<std::string>& values, const std::string& description,
                                   const std::string& form) {
  to.add_option(flag, values, description)
      ->type_name(form)
      ->allow_extra_args(false)
      ->check(
          [form](const std::string& text) {
            const auto equals = text.find('=');
            const bool fine = equals != std::string::npos && equals > 0;
            return fine ? std::string{} : "`" + text + "` is not " + form;
          },
          "", "");
}

std::vector<named_value> source_flags::split(const std::vector<std::string>& values) {
  std::vector<named_value> result;
  for (const auto& value : values) {
    const auto equals = value.find('=');
    result.push_back({value.substr(0, equals), value.substr(equals + 1)});
  }
  return result;
}

}  // namespace kernd::cli
