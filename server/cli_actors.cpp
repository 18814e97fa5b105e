#include "server/cli.hpp"
#include "server/cli_daemon.hpp"
#include "server/cli_input.hpp"
#include "server/cli_refusal.hpp"
#include "server/cli_table.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <ostream>
#include <string>
#include <utility>

namespace kernd::cli {
namespace {

using json = nlohmann::ordered_json;
using std::chrono::milliseconds;

/// A daemon waits up to five seconds for an actor to end; all else it answers at once.
constexpr std::chrono::seconds patience{15};
/// Beyond the time that a call was given, so that it is the daemon who says that it is over.
constexpr std::chrono::seconds call_patience{5};

std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// Where the answer is not what the API promises.
exit_code misunderstood(std::ostream& err) {
  err << "kernd: the daemon answered what this version does not understand\n";
  return exit_code::address_unavailable;
}

/// A member of an actor's document, as it is told to people; nothing when it is absent or null.
std::string text_of(const json& document, const char* name) {
  const auto found = document.find(name);
  if (found == document.end() || found->is_null()) return {};
  return found->is_string() ? found->get<std::string>() : dump(*found);
}

/// `93 s`, as it is in seconds.
std::string seconds_of(const json& document, const char* name) {
  const auto found = document.find(name);
  if (found == document.end() || !found->is_number()) return {};
  char text[48];
  std::snprintf(text, sizeof text, "%.1f s", found->get<double>() / 1e6);
  return text;
}

exit_code print_table(const std::string& answer, std::ostream& out, std::ostream& err) {
  const json document = json::parse(answer, nullptr, false);
  if (!document.is_object() || !document.contains("actors")) return misunderstood(err);
  const json& actors = document["actors"];
  if (actors.empty()) err << "kernd: there are no actors\n";
  if (actors.empty()) return exit_code::ok;
  text_table table{{"ID", "KERNEL", "STATE", "MODE", "INPUT", "OUTPUT", "PROCESSED", "UP", "WHY"}};
  for (const json& a : actors) {
    if (!a.is_object()) return misunderstood(err);
    table.add({text_of(a, "id"), text_of(a, "kernel_id"), text_of(a, "state"), text_of(a, "mode"),
               text_of(a, "input_queue_depth"), text_of(a, "output_queue_depth"),
               text_of(a, "messages_processed"), seconds_of(a, "uptime_us"),
               text_of(a, "failure")});
  }
  table.print(out);
  return exit_code::ok;
}

std::string launch_body(const actors_launch_command& asked) {
  json body = {{"kernel_id", asked.kernel}};
  if (!asked.actor.empty()) body["actor_id"] = asked.actor;
  for (const auto& [name, value] : asked.options) {
    json read = json::parse(value, nullptr, false);
    body["options"][name] = read.is_discarded() ? json(value) : std::move(read);
  }
  return dump(body);
}

expected<std::string> payload_of(const actors_call_command& asked, const limits_config& limits) {
  text_buffer given{"{}"};
  if (asked.input) {
    auto read = read_input(*asked.input, limits);
    if (!read) return std::move(read).error();
    given = *std::move(read);
  }
  if (!json::accept(given.view())) {
    return refusal_message{exit_code::data_error, {errc::invalid_json, "the payload is not JSON"}};
  }
  if (asked.set.empty()) return std::string{given.view()};
  const auto members = top_level_members(given.view());
  if (!members) {
    return refusal_message{
        exit_code::data_error,
        {errc::invalid_input, "the payload is no JSON object, so --set has no field to set"}};
  }
  text_buffer changed;
  append_changed(changed, *members, asked.set);
  return std::string{changed.view()};
}

/// The payload goes in as it stands: its numbers are the daemon's to read.
std::string call_body(const actors_call_command& asked, const std::string& payload) {
  const bool is_number = std::all_of(asked.type.begin(), asked.type.end(),
                                     [](unsigned char c) { return std::isdigit(c) != 0; }) &&
                         json::accept(asked.type);
  std::string body =
      "{\"type\":" + (is_number ? asked.type : dump(asked.type)) + ",\"payload\":" + payload;
  if (asked.timeout) body += ",\"timeout_ms\":" + std::to_string(asked.timeout->count());
  return body + "}";
}

exit_code print_payload(const std::string& answer, std::ostream& out, std::ostream& err) {
  const auto members = top_level_members(answer);
  if (!members) return misunderstood(err);
  for (const auto& member : *members) {
    if (member.name != "payload") continue;
    out << member.value << '\n';
    return exit_code::ok;
  }
  return misunderstood(err);
}

std::string path_of(const std::string& actor) {
  return "/actors/" + path_segment(actor);
}

}  // namespace

exit_code run(const actors_list_command& asked, std::ostream& out, std::ostream& err) {
  const auto daemon = daemon_client::of(asked.sources);
  if (!daemon) return refuse(daemon.error(), asked.json, out, err);
  const auto answer = daemon->ask("GET", "/actors", {}, patience);
  if (!answer) return refuse(answer.error(), asked.json, out, err);
  if (!asked.json) return print_table(*answer, out, err);
  out << *answer << '\n';
  return exit_code::ok;
}

exit_code run(const actors_launch_command& asked, std::ostream& out, std::ostream& err) {
  const auto daemon = daemon_client::of(asked.sources);
  if (!daemon) return refuse(daemon.error(), asked.json, out, err);
  const auto answer = daemon->ask("POST", "/actors", launch_body(asked), patience);
  if (!answer) return refuse(answer.error(), asked.json, out, err);
  if (asked.json) {
    out << *answer << '\n';
    return exit_code::ok;
  }
  const json actor = json::parse(*answer, nullptr, false);
  if (!actor.is_object()) return misunderstood(err);
  out << text_of(actor, "id") << '\n';
  return exit_code::ok;
}

exit_code run(const actors_call_command& asked, std::ostream& out, std::ostream& err) {
  const auto daemon = daemon_client::of(asked.sources);
  if (!daemon) return refuse(daemon.error(), asked.json, out, err);
  const auto payload = payload_of(asked, daemon->values().limits);
  if (!payload) return refuse(payload.error(), asked.json, out, err);
  const milliseconds time = asked.timeout.value_or(daemon->values().executor.max_timeout);
  const auto answer = daemon->ask("POST", path_of(asked.actor) + "/call",
                                  call_body(asked, *payload), time + call_patience);
  if (!answer) return refuse(answer.error(), asked.json, out, err);
  if (!asked.json) return print_payload(*answer, out, err);
  out << *answer << '\n';
  return exit_code::ok;
}

exit_code run(const actors_watch_command& asked, std::ostream& out, std::ostream& err) {
  const auto daemon = daemon_client::of(asked.sources);
  if (!daemon) return refuse(daemon.error(), false, out, err);
  std::string path = path_of(asked.actor) + "/stream";
  if (asked.after) path += "?after=" + std::to_string(*asked.after);
  std::uint64_t printed = 0;
  const auto ended = daemon->follow(path, [&](std::string_view message) {
    out << message << std::endl;
    return out.good() && ++printed != asked.count;
  });
  return ended ? exit_code::ok : refuse(ended.error(), false, out, err);
}

exit_code run(const actors_stop_command& asked, std::ostream& out, std::ostream& err) {
  const auto daemon = daemon_client::of(asked.sources);
  if (!daemon) return refuse(daemon.error(), false, out, err);
  const auto answer = daemon->ask("DELETE", path_of(asked.actor), {}, patience);
  return answer ? exit_code::ok : refuse(answer.error(), false, out, err);
}

}  // namespace kernd::cli
