#pragma once

#include "server/cli.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace kernd::cli {

class source_flags;

/// The commands below `kernd actors`, and what their flags were set to.
class actor_flags {
 public:
  /// Adds them to `actors`; they and `sources` outlive this. `footer` ends each help text.
  actor_flags(CLI::App& actors, source_flags& sources, const std::string& footer);
  actor_flags(const actor_flags&) = delete;
  actor_flags& operator=(const actor_flags&) = delete;

  /// The one that was given, if any.
  std::optional<command> parsed(const char* const* environment) const;

 private:
  CLI::App* add(CLI::App& actors, const std::string& name, const std::string& description,
                const std::string& footer) const;
  void add_actor(CLI::App& to);
  void add_launch_flags();
  void add_call_flags();
  void add_watch_flags();
  std::optional<std::chrono::milliseconds> timeout() const;

  source_flags& sources_;
  CLI::App* list_;
  CLI::App* launch_;
  CLI::App* call_;
  CLI::App* watch_;
  CLI::App* stop_;

  bool json_ = false;
  std::string kernel_;
  std::string actor_;
  std::vector<std::string> options_;
  std::string type_;
  std::optional<std::string> input_;
  std::optional<std::int64_t> timeout_ms_;
  std::optional<std::uint64_t> after_;
  std::optional<std::uint64_t> count_;
};

}  // namespace kernd::cli
