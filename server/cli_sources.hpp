#pragma once

#include "kernd/config_loader.hpp"
#include "server/cli.hpp"

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace kernd::cli {

/// The flags that say where a configuration comes from, and what they were set to. Commands share
/// one, since only one of them is parsed.
class source_flags {
 public:
  void add_to(CLI::App& to);
  void add_file_and_preset(CLI::App& to);
  void add_host_and_port(CLI::App& to);
  /// `--set`, of a form such as `SECTION.KEY=VALUE`.
  void add_set(CLI::App& to, const std::string& description, const std::string& form);

  /// What `--set` was given.
  std::vector<named_value> settings() const { return split(settings_); }
  config_sources sources(const char* const* environment) const;
  /// Where `--set` means something else than keys.
  config_sources without_settings(const char* const* environment) const;

  /// A flag to be repeated, each time with `form`, which has an equals sign in it.
  static void add_assignments(CLI::App& to, const std::string& flag,
                              std::vector<std::string>& values, const std::string& description,
                              const std::string& form);
  /// Of values that such a flag took.
  static std::vector<named_value> split(const std::vector<std::string>& values);

 private:
  std::optional<std::string> file_;
  std::optional<std::string> preset_;
  std::optional<std::string> host_;
  std::optional<std::string> port_;
  std::vector<std::string> settings_;
};

}  // namespace kernd::cli
