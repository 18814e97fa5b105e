#include "server/api/actor_options.hpp"

#include "kernd/did_you_mean.hpp"
#include "kernd/message_body.hpp"
#include "server/api/json_body.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

namespace kernd::api {

namespace {

using json = nlohmann::json;

constexpr std::array<std::string_view, 2> modes = {"persistent", "event_driven"};
constexpr std::array<std::string_view, 3> overflows = {"refuse", "wait", "dead_letter"};
constexpr std::array<std::string_view, 2> restarts = {"permanent", "one_for_one"};
constexpr std::array<std::string_view, 4> priorities = {"low", "normal", "high", "critical"};
constexpr std::size_t longest_shown = 40;

error refuse(const std::string& pointer, std::string expected, const json& found) {
  // Not written out: however deep they are, that takes stack.
  std::string shown = found.is_object() ? "an object" : "an array";
  if (!found.is_structured()) shown = found.dump(-1, ' ', false, json::error_handler_t::replace);
  if (shown.size() > longest_shown) shown = "a longer value";
  return refuse_value(errc::invalid_request, pointer, std::move(expected), std::move(shown));
}

std::string one_of(std::span<const std::string_view> names) {
  std::string all = "one of ";
  for (const auto name : names) all += (name == names.front() ? "" : ", ") + std::string{name};
  return all;
}

template <class Enum>
result<void> read_name(const std::string& pointer, const json& value,
                       std::span<const std::string_view> names, Enum& out) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (value == names[i]) {
      out = static_cast<Enum>(i);
      return {};
    }
  }
  return refuse(pointer, one_of(names), value);
}

template <class T>
result<void> read_count(const std::string& pointer, const json& value, T& out) {
  constexpr auto largest = std::numeric_limits<std::uint32_t>::max();
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > largest) {
    return refuse(pointer, "integer from 0 to " + std::to_string(largest), value);
  }
  out = value.get<T>();
  return {};
}

result<void> read_backend(const std::string& pointer, const json& value) {
  if (value == "auto" || value == "cpu") return {};
  if (value == "cuda") {
    return error{errc::backend_unavailable,
                 "actors run on the CPU; this build has no other backend"};
  }
  if (value == "metal" || value == "webgpu" || value == "wgpu") {
    return refuse(pointer, "auto, cpu or cuda: actors for that backend are not built", value);
  }
  return refuse(pointer, "one of auto, cpu, cuda", value);
}

result<void> read_option(const std::string& name, const json& value, launch_options& out) {
  const std::string pointer = "/options/" + name;
  if (name == "mode") return read_name(pointer, value, modes, out.mode);
  if (name == "overflow") return read_name(pointer, value, overflows, out.overflow);
  if (name == "restart") return read_name(pointer, value, restarts, out.restart);
  if (name == "priority") return read_name(pointer, value, priorities, out.priority);
  if (name == "grid_size") return read_count(pointer, value, out.grid_size);
  if (name == "block_size") return read_count(pointer, value, out.block_size);
  if (name == "shared_memory_size") return read_count(pointer, value, out.shared_memory_size);
  if (name == "input_queue_capacity") return read_count(pointer, value, out.input_queue_capacity);
  if (name == "output_queue_capacity") return read_count(pointer, value, out.output_queue_capacity);
  if (name == "state_bytes") return read_count(pointer, value, out.state_bytes.emplace());
  if (name == "backend") return read_backend(pointer, value);
  if (name == "auto_activate") {
    if (!value.is_boolean()) return refuse(pointer, "true or false", value);
    out.auto_activate = value.get<bool>();
    return {};
  }
  if (name == "group") {
    if (!value.is_string()) return refuse(pointer, "text", value);
    out.group = value.get<std::string>();
    return {};
  }
  static constexpr std::array<std::string_view, 13> known = {"mode",
                                                             "overflow",
                                                             "restart",
                                                             "priority",
                                                             "grid_size",
                                                             "block_size",
                                                             "backend",
                                                             "shared_memory_size",
                                                             "auto_activate",
                                                             "state_bytes",
                                                             "group",
                                                             "input_queue_capacity",
                                                             "output_queue_capacity"};
  const auto meant = closest_name(name, known);
  return refuse_value(errc::invalid_request, pointer,
                      meant.empty() ? one_of(known) : "'" + std::string{meant} + "'", "that name");
}

result<void> read_text(const std::string& name, const json& value, std::string& out) {
  if (!value.is_string()) return refuse("/" + name, "text", value);
  out = value.get<std::string>();
  return {};
}

result<void> read_member(const std::string& name, const json& value, launch_request& out) {
  if (name == "kernel_id") return read_text(name, value, out.kernel_id);
  if (name == "actor_id") return read_text(name, value, out.actor_id);
  if (name != "options") {
    return refuse_value(errc::invalid_request, "/" + name,
                        "one of the members kernel_id, actor_id, options", "that name");
  }
  if (!value.is_object()) return refuse("/options", "object", value);
  for (const auto& [option, wanted] : value.items()) {
    if (auto read = read_option(option, wanted, out.options); !read) return read;
  }
  return {};
}

}  // namespace

result<launch_request> read_launch(std::string_view body, const ring_config& defaults) {
  const auto parsed = read_json(body);
  if (!parsed) return parsed.error();
  const json& document = *parsed;
  if (!document.is_object()) {
    return refuse_value(errc::invalid_request, {}, "object with the member kernel_id",
                        document.is_array() ? "an array" : "a single value");
  }
  launch_request out;
  out.options.output_queue_capacity = std::bit_ceil(defaults.output_log);
  for (const auto& [name, value] : document.items()) {
    if (auto read = read_member(name, value, out); !read) return std::move(read).error();
  }
  if (out.kernel_id.empty()) {
    return refuse_value(errc::invalid_request, "/kernel_id", "the id of a ring kernel", "nothing");
  }
  if (document.contains("actor_id") && out.actor_id.empty()) {
    return refuse_value(errc::invalid_request, "/actor_id", "1 to 64 letters, digits, . _ -",
                        "an empty text");
  }
  return out;
}

std::string_view name_of(actor_mode m) noexcept {
  return modes[static_cast<std::size_t>(m)];
}
std::string_view name_of(overflow_policy p) noexcept {
  return overflows[static_cast<std::size_t>(p)];
}
std::string_view name_of(restart_policy p) noexcept {
  return restarts[static_cast<std::size_t>(p)];
}

}  // namespace kernd::api
