#include "server/api/actor_json.hpp"

#include "kernd/message_body.hpp"
#include "kernd/ring/clock.hpp"
#include "server/api/actor_options.hpp"
#include "server/http/response.hpp"

#include <nlohmann/json.hpp>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>

namespace kernd::api {

namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t message_memory_bytes = std::size_t{4} << 20;

json options_document(const launch_options& o) {
  json result = {{"mode", name_of(o.mode)},
                 {"input_queue_capacity", o.input_queue_capacity},
                 {"output_queue_capacity", o.output_queue_capacity},
                 {"auto_activate", o.auto_activate},
                 {"priority", name_of(o.priority)},
                 {"overflow", name_of(o.overflow)},
                 {"restart", name_of(o.restart)},
                 {"state_bytes", nullptr},
                 {"group", o.group}};
  if (o.state_bytes) result["state_bytes"] = *o.state_bytes;
  return result;
}

json counters_document(const actor_counters& c) {
  return {{"sent", c.sent},
          {"refused", c.refused},
          {"processed", c.processed},
          {"expired", c.expired},
          {"dead_lettered", c.dead_lettered},
          {"terminated", c.terminated},
          {"failed", c.failed},
          {"emitted", c.emitted},
          {"replied", c.replied},
          {"forwarded", c.forwarded},
          {"restarts", c.restarts}};
}

json messages_document(const ring_entry& ring) {
  json result = json::array();
  for (const message_type& m : ring.kernel.handled) {
    json row = {{"type_id", m.type_id}, {"name", m.name}, {"reply", nullptr}};
    if (const auto* reply = ring.find(m.reply)) row["reply"] = reply->type.name;
    result.push_back(std::move(row));
  }
  return result;
}

/// The payload's bytes as the struct that they are, at an address that suits it.
result<void> append_payload(text_buffer& out, const codec& coder,
                            std::span<const std::byte> payload) {
  arena memory{message_memory_bytes};
  void* const value = memory.allocate_bytes(payload.size());
  std::memcpy(value, payload.data(), payload.size());
  return coder.encode(value, out, memory);
}

}  // namespace

json actor_document(const actor_status& s, const ring_entry& ring) {
  json result = {{"id", s.id},
                 {"kernel_id", s.kernel_id},
                 {"state", name_of(s.state)},
                 {"mode", name_of(s.options.mode)},
                 {"backend", "cpu"},
                 {"input_queue_depth", s.input_queue_depth},
                 {"output_queue_depth", s.output_queue_depth},
                 {"messages_processed", s.counters.processed},
                 {"uptime_us", s.uptime.count()},
                 {"last_turn_ago_us", nullptr},
                 {"failure", nullptr}};
  if (s.last_turn != std::chrono::steady_clock::time_point{}) {
    const auto ago = std::chrono::steady_clock::now() - s.last_turn;
    result["last_turn_ago_us"] = std::chrono::duration_cast<std::chrono::microseconds>(ago).count();
  }
  if (!s.failure.empty()) result["failure"] = s.failure;
  result["counters"] = counters_document(s.counters);
  result["options"] = options_document(s.options);
  result["messages"] = messages_document(ring);
  return result;
}

void append_integer(text_buffer& out, std::uint64_t value) {
  char* const at = out.prepare(24);
  out.commit(static_cast<std::size_t>(std::to_chars(at, at + 24, value).ptr - at));
}

void append_time(text_buffer& out, std::chrono::sys_time<std::chrono::microseconds> time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  char text[48];
  const int size = std::snprintf(
      text, sizeof text, "\"%04d-%02u-%02uT%02d:%02d:%02d.%06dZ\"", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  out.append({text, static_cast<std::size_t>(size)});
}

void append_message_id(text_buffer& out, std::uint64_t id) {
  out.append("\"message_id\":\"");
  append_integer(out, id);
  out.push_back('"');
}

result<void> append_message(text_buffer& out, const message_header& header,
                            std::span<const std::byte> payload, const ring_entry& ring) {
  const ring_message_entry* const type = ring.find(header.type);
  if (type == nullptr || payload.size() != type->type.type->size_bytes) {
    return error{errc::internal_error, "the actor emitted a message that it does not declare"};
  }
  append_message_id(out, header.message_id);
  out.append(",\"type\":");
  append_integer(out, header.type);
  out.append(",\"name\":");
  http::append_quoted(out, type->type.name);
  out.append(",\"timestamp\":");
  append_time(out, hybrid_stamp{header.timestamp}.time());
  out.append(",\"payload\":");
  return append_payload(out, type->coder, payload);
}

result<void> append_dead_letter(text_buffer& out, const dead_letter& letter,
                                const ring_entry* ring) {
  out.append("{\"id\":");
  append_integer(out, letter.id);
  out.append(",\"reason\":");
  http::append_quoted(out, name_of(letter.reason));
  out.append(",\"actor_id\":");
  http::append_quoted(out, letter.actor_id);
  out.append(",\"at\":");
  append_time(out, std::chrono::floor<std::chrono::microseconds>(letter.when));
  const auto* type = ring == nullptr ? nullptr : ring->find(letter.header.type);
  if (type != nullptr && letter.payload.size() == type->type.type->size_bytes) {
    out.push_back(',');
    if (auto appended = append_message(out, letter.header, letter.payload, *ring); !appended) {
      return appended;
    }
  } else {
    out.push_back(',');
    append_message_id(out, letter.header.message_id);
    out.append(",\"type\":");
    append_integer(out, letter.header.type);
    out.append(",\"payload\":null");
  }
  out.push_back('}');
  return {};
}

}  // namespace kernd::api
