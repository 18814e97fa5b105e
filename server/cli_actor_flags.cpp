#include "server/cli_actor_flags.hpp"

#include "server/cli_sources.hpp"

#include <CLI/App.hpp>

#include <limits>

namespace kernd::cli {
namespace {

constexpr auto watch_help =
    "Each line is a JSON document: the message's position, its type and its payload. Without\n"
    "--after it begins with what comes from now on, with --after 0 with all that is kept. It\n"
    "ends with the actor, with the daemon, or after --count. What it has printed it gives back\n"
    "to the actor, but half an output log late: so several may watch, and --after with the last\n"
    "position goes on after a break. An actor with a full log waits for somebody to watch.\n";

}  // namespace

actor_flags::actor_flags(CLI::App& actors, source_flags& sources, const std::string& footer)
    : sources_{sources},
      list_{add(actors, "list", "List the actors", footer)},
      launch_{add(actors, "launch", "Start an actor of a ring kernel; prints its id", footer)},
      call_{add(actors, "call", "Send an actor a message; prints the reply's payload", footer)},
      watch_{add(actors, "watch", "Print what an actor emits, as it comes", watch_help + footer)},
      stop_{add(actors, "stop", "End an actor and wait until it has ended", footer)} {
  actors.require_subcommand(0, 1);
  list_->add_flag("--json", json_, "Print what the API answers");
  sources_.add_to(*list_);
  add_launch_flags();
  add_call_flags();
  add_watch_flags();
  add_actor(*stop_);
  sources_.add_to(*stop_);
}

CLI::App* actor_flags::add(CLI::App& actors, const std::string& name,
                           const std::string& description, const std::string& footer) const {
  CLI::App* added = actors.add_subcommand(name, description);
  added->footer(footer);
  return added;
}

void actor_flags::add_actor(CLI::App& to) {
  to.add_option("ACTOR", actor_, "Its id")->type_name("")->required();
}

void actor_flags::add_launch_flags() {
  launch_->add_option("KERNEL", kernel_, "The ring kernel's id: domain/name")
      ->type_name("")
      ->required();
  launch_->add_option("--id", actor_, "The actor's id; else the daemon chooses one")
      ->type_name("NAME");
  source_flags::add_assignments(*launch_, "--option", options_,
                                "Set a launch option, to JSON or else a string; may be repeated",
                                "NAME=VALUE");
  launch_->add_flag("--json", json_, "Print what the API answers");
  sources_.add_to(*launch_);
}

void actor_flags::add_call_flags() {
  add_actor(*call_);
  call_->add_option("TYPE", type_, "The message's type: its name or number")
      ->type_name("")
      ->required();
  call_->add_option("--input", input_, "The payload as JSON; - for stdin; {} without it")
      ->type_name("FILE");
  sources_.add_set(*call_, "Set a field of the payload, to JSON or else a string; may be repeated",
                   "FIELD=VALUE");
  call_->add_option("--timeout-ms", timeout_ms_, "How long to wait; else the daemon's default")
      ->type_name("NUMBER")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{3'600'000}));
  call_->add_flag("--json", json_, "Print what the API answers");
  sources_.add_file_and_preset(*call_);
  sources_.add_host_and_port(*call_);
}

void actor_flags::add_watch_flags() {
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  add_actor(*watch_);
  watch_->add_option("--after", after_, "Begin behind this position")
      ->type_name("NUMBER")
      ->check(CLI::Range(std::uint64_t{0}, most));
  watch_->add_option("--count", count_, "End after so many messages")
      ->type_name("NUMBER")
      ->check(CLI::Range(std::uint64_t{1}, most));
  sources_.add_to(*watch_);
}

std::optional<std::chrono::milliseconds> actor_flags::timeout() const {
  if (!timeout_ms_) return std::nullopt;
  return std::chrono::milliseconds{*timeout_ms_};
}

std::optional<command> actor_flags::parsed(const char* const* environment) const {
  const auto sources = [&] { return sources_.sources(environment); };
  if (list_->parsed()) return actors_list_command{sources(), json_};
  if (launch_->parsed()) {
    return actors_launch_command{kernel_, actor_, source_flags::split(options_), sources(), json_};
  }
  if (call_->parsed()) {
    return actors_call_command{actor_,    type_,
                               input_,    sources_.settings(),
                               timeout(), sources_.without_settings(environment),
                               json_};
  }
  if (watch_->parsed()) return actors_watch_command{actor_, after_, count_, sources()};
  if (stop_->parsed()) return actors_stop_command{actor_, sources()};
  return std::nullopt;
}

}  // namespace kernd::cli
