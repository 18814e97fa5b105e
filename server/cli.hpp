#pragma once

#include "kernd/config_loader.hpp"
#include "kernd/registry.hpp"

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace kernd::cli {

/// What the process returns; also listed by `--help`. From 64 on as in <sysexits.h>.
enum class exit_code : int {
  ok = 0,
  failed = 1,  ///< Unhealthy, the start failed, or a daemon refused for the moment.
  drain_timed_out = 3,
  usage = 64,
  data_error = 65,           ///< A kernel or a daemon refused its input.
  no_input = 66,             ///< The input cannot be read.
  address_unavailable = 69,  ///< To listen on, or no daemon serves there.
  kernel_failed = 70,
  configuration = 78,
};

struct serve_command {
  config_sources sources;
};

/// Prints the effective values with their origins, as TOML or JSON.
struct config_show_command {
  config_sources sources;
  bool json = false;
};

/// Prints `OK`, or everything that is wrong; as JSON {valid, problems}.
struct config_check_command {
  config_sources sources;
  bool json = false;
};

/// Asks a running daemon whether it is ready: at `url`, else where `sources` let it listen, on
/// `server.probe_port` where there is one, unless a flag names `server.port`. As JSON it prints
/// {ok, status, problems}.
struct healthcheck_command {
  struct http_url {
    std::string host;
    std::uint16_t port;
    std::string target;
  };

  config_sources sources;
  std::optional<http_url> url;
  std::chrono::milliseconds timeout{2000};  ///< For the whole exchange.
  bool json = false;
};

/// Prints the kernels that match, one a line, or what `GET /kernels` answers.
struct kernels_list_command {
  std::string domain;
  std::optional<kernel_mode> mode;
  std::string text;
  bool json = false;
};

/// Prints one kernel for people, or what `GET /kernels/{id}` answers, without what was measured in
/// service. Where a device can run it, times it there first, and its place is what `sources` say.
struct kernels_show_command {
  std::string id;
  config_sources sources;
  bool json = false;
};

/// Prints a curl line that sends the kernel's example to where `sources` let a daemon listen; as
/// JSON {id, input, output, curl}.
struct kernels_example_command {
  std::string id;
  config_sources sources;
  bool json = false;
};

/// From `NAME=VALUE` on the command line; `value` is JSON where it is valid JSON, else a string.
struct named_value {
  std::string name;
  std::string value;
};

/// Runs a kernel here and prints its output; as JSON {kernel_id, output, metadata}, the part of
/// the API's answer that there is without a daemon, with the times in `metadata`.
struct run_command {
  std::string id;
  std::optional<std::string> input = {};  ///< A path, or `-`.
  std::vector<named_value> set = {};      ///< Put into the input; a later one wins.
  bool example = false;
  bool timing = false;
  config_sources sources = {};
  bool json = false;
};

// The commands about actors ask the daemon that `sources` let listen.

/// Prints the actors, one a line, or what `GET /actors` answers.
struct actors_list_command {
  config_sources sources;
  bool json = false;
};

/// Starts an actor and prints its id, or what `POST /actors` answers.
struct actors_launch_command {
  std::string kernel;
  std::string actor = {};                 ///< The daemon chooses when it is empty.
  std::vector<named_value> options = {};  ///< A later one wins.
  config_sources sources = {};
  bool json = false;
};

/// Sends an actor a message and prints the payload of its reply, or what the API answers.
struct actors_call_command {
  std::string actor;
  std::string type;                       ///< A name, or a number.
  std::optional<std::string> input = {};  ///< The payload: a path, or `-`; `{}` without one.
  std::vector<named_value> set = {};      ///< Put into the payload; a later one wins.
  std::optional<std::chrono::milliseconds> timeout = {};  ///< Else the daemon's default.
  config_sources sources = {};
  bool json = false;
};

/// Prints what an actor emits as it comes, one JSON document a line.
struct actors_watch_command {
  std::string actor;
  std::optional<std::uint64_t> after = {};  ///< From behind this position; else from now on.
  std::optional<std::uint64_t> count = {};  ///< Ends after so many.
  config_sources sources = {};
};

/// Ends an actor; prints nothing.
struct actors_stop_command {
  std::string actor;
  config_sources sources = {};
};

/// Examines machine, configuration and kernels; fails when the daemon could not serve here.
struct doctor_command {
  config_sources sources;
  bool json = false;
};

/// Prints a script that completes this command line in a shell.
struct completion_command {
  std::string script;
};

struct version_command {};

struct help_command {
  std::string text;
};

struct usage_error {
  std::string message;
};

using command =
    std::variant<serve_command, config_show_command, config_check_command, healthcheck_command,
                 kernels_list_command, kernels_show_command, kernels_example_command, run_command,
                 actors_list_command, actors_launch_command, actors_call_command,
                 actors_watch_command, actors_stop_command, doctor_command, completion_command,
                 version_command, help_command, usage_error>;

/// `environment` ends in a null pointer, or is one; it ends up in the sources. Reads no file and
/// prints nothing.
command parse_command_line(int argc, const char* const* argv, const char* const* environment);

/// Each command but `serve`, which is the application's. `out` and `err` are standard output and
/// standard error. Asked for JSON, they print one document on `out`, the refusal included.
exit_code run(const config_show_command& asked, std::ostream& out, std::ostream& err);
exit_code run(const config_check_command& asked, std::ostream& out, std::ostream& err);
exit_code run(const healthcheck_command& asked, std::ostream& out, std::ostream& err);
exit_code run(const kernels_list_command& asked, std::ostream& out, std::ostream& err);
exit_code run(const kernels_show_command& asked, std::ostream& out, std::ostream& err);
exit_code run(const kernels_example_command& asked, std::ostream& out, std::ostream& err);
exit_code run(const run_command& asked, std::ostream& out, std::ostream& err);
exit_code run(const actors_list_command& asked, std::ostream& out, std::ostream& err);
exit_code run(const actors_launch_command& asked, std::ostream& out, std::ostream& err);
exit_code run(const actors_call_command& asked, std::ostream& out, std::ostream& err);
exit_code run(const actors_watch_command& asked, std::ostream& out, std::ostream& err);
exit_code run(const actors_stop_command& asked, std::ostream& out, std::ostream& err);
exit_code run(const doctor_command& asked, std::ostream& out, std::ostream& err);
exit_code run(const completion_command& asked, std::ostream& out, std::ostream& err);
exit_code run(const version_command& asked, std::ostream& out, std::ostream& err);
exit_code run(const help_command& asked, std::ostream& out, std::ostream& err);
exit_code run(const usage_error& asked, std::ostream& out, std::ostream& err);

/// Prints why a configuration was refused; returns `configuration`.
exit_code report(const config_errors& errors, std::ostream& err);

}  // namespace kernd::cli
