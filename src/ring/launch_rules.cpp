#include "src/ring/launch_rules.hpp"

#include "kernd/ring/ring_kernel.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>
#include <utility>

namespace kernd {
namespace {

constexpr std::size_t least_capacity = 2;
constexpr std::size_t most_capacity = 65536;
constexpr std::size_t most_id_bytes = 64;
constexpr std::size_t longest_shown = 40;
constexpr std::size_t most_payload_bytes = 65536;
constexpr std::size_t most_state_bytes = std::size_t{1} << 30;
constexpr std::size_t most_ring_bytes = std::size_t{1} << 30;

error refuse(std::string_view option, std::size_t found, std::string_view rule) {
  return {
      errc::invalid_request,
      std::string{option} + " is " + std::to_string(found) + ", must be " + std::string{rule},
      invalid_value{"/options/" + std::string{option}, std::string{rule}, std::to_string(found)}};
}

result<void> check_capacity(std::string_view option, std::size_t capacity) {
  const bool is_good =
      std::has_single_bit(capacity) && capacity >= least_capacity && capacity <= most_capacity;
  if (is_good) return {};
  return refuse(option, capacity,
                "a power of two from " + std::to_string(least_capacity) + " to " +
                    std::to_string(most_capacity));
}

/// The types of one direction share slots of the size of the largest.
std::size_t slot_bytes_of(const std::vector<message_type>& types) {
  std::size_t slot_bytes = line_bytes;
  for (const auto& t : types) slot_bytes = std::max(slot_bytes, slot_bytes_for(t.type->size_bytes));
  return slot_bytes;
}

result<void> check_types(std::string_view option, std::size_t capacity,
                         const std::vector<message_type>& types) {
  for (const auto& t : types) {
    if (t.type->size_bytes <= most_payload_bytes) continue;
    return error{errc::invalid_request, "message '" + std::string{t.name} + "' is " +
                                            std::to_string(t.type->size_bytes) + " bytes, limit " +
                                            std::to_string(most_payload_bytes)};
  }
  const std::size_t slot_bytes = slot_bytes_of(types);
  if (capacity <= most_ring_bytes / slot_bytes) return {};
  return refuse(option, capacity,
                std::to_string(most_ring_bytes / slot_bytes) + " at most, since a message takes " +
                    std::to_string(slot_bytes) + " bytes");
}

result<void> check_device_options(const launch_options& o) {
  const launch_options defaults;
  if (o.grid_size != defaults.grid_size) return refuse("grid_size", o.grid_size, "1 on the CPU");
  if (o.block_size != defaults.block_size) {
    return refuse("block_size", o.block_size, "256 on the CPU");
  }
  if (o.shared_memory_size != defaults.shared_memory_size) {
    return refuse("shared_memory_size", o.shared_memory_size, "0 on the CPU");
  }
  return {};
}

bool is_id_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

/// `pointer` ends with the name of what `id` is.
result<void> check_id(std::string_view pointer, std::string_view id) {
  const std::string name{pointer.substr(pointer.rfind('/') + 1)};
  const auto refuse_id = [&](std::string message, std::string expected) {
    std::string shown = id.size() > longest_shown ? "a longer text" : "'" + std::string{id} + "'";
    return error{errc::invalid_request, name + " must " + std::move(message),
                 invalid_value{std::string{pointer}, std::move(expected), std::move(shown)}};
  };
  // Clients resolve these in the path that names the actor.
  if (id == "." || id == "..") {
    return refuse_id("not be '.' or '..', which have a meaning in paths",
                     "neither '.' nor '..', which have a meaning in paths");
  }
  const bool is_good = !id.empty() && id.size() <= most_id_bytes &&
                       std::all_of(id.begin(), id.end(), is_id_character);
  if (is_good) return {};
  const std::string rule = "1 to " + std::to_string(most_id_bytes) +
                           " characters out of A-Z, a-z, 0-9, '.', '_' and '-'";
  return refuse_id("be " + rule, rule);
}

}  // namespace

result<void> check_launch(const ring_kernel& kernel, const launch_options& options) {
  if (const auto good = check_device_options(options); !good) return good;
  const auto in = options.input_queue_capacity;
  const auto out = options.output_queue_capacity;
  if (const auto good = check_capacity("input_queue_capacity", in); !good) return good;
  if (const auto good = check_capacity("output_queue_capacity", out); !good) return good;
  if (const auto good = check_types("input_queue_capacity", in, kernel.handled); !good) return good;
  if (const auto good = check_types("output_queue_capacity", out, kernel.emitted); !good) {
    return good;
  }
  if (options.state_bytes.value_or(0) > most_state_bytes) {
    return refuse("state_bytes", *options.state_bytes,
                  std::to_string(most_state_bytes) + " at most");
  }
  return options.group.empty() ? result<void>{} : check_id("/options/group", options.group);
}

std::size_t launch_bytes(const ring_kernel& kernel, const launch_options& options) {
  return kernel.state_bytes + options.state_bytes.value_or(kernel.default_block_bytes) +
         options.input_queue_capacity * slot_bytes_of(kernel.handled) +
         options.output_queue_capacity * slot_bytes_of(kernel.emitted);
}

result<void> check_actor_id(std::string_view id) {
  return check_id("/actor_id", id);
}

std::chrono::microseconds spin_time(const ring_config& config, unsigned cores) {
  return cores > 1 ? config.spin : std::chrono::microseconds{0};
}

}  // namespace kernd
