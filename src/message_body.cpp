#include "kernd/message_body.hpp"

#include "src/json_value.hpp"

#include <array>
#include <limits>
#include <utility>

namespace kernd {

namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::array<std::string_view, 4> priorities = {"low", "normal", "high", "critical"};
constexpr std::size_t longest_id = 64;

/// The members around the payload, each at most once.
class envelope_reader {
 public:
  explicit envelope_reader(const message_form& form) : form_{form} {}

  result<void> read(ondemand::object& object) {
    for (auto field : object) {
      std::string_view name;
      ondemand::value value;
      if (field.unescaped_key().get(name) || field.value().get(value)) {
        return error{errc::invalid_json, "malformed object"};
      }
      if (auto read = read_member(name, value); !read) {
        return within(name, std::move(read).error());
      }
    }
    if (choice) return {};
    return within(form_.type_member, refuse(errc::invalid_request, "a value", "nothing"));
  }

  std::optional<message_choice> choice;
  bool has_payload = false;
  message_body body;

 private:
  result<void> read_member(std::string_view name, ondemand::value value) {
    if (name == form_.type_member) return once(choice.has_value(), [&] { return type(value); });
    if (name == "payload") {
      return once(std::exchange(has_payload, true), [] { return result<void>{}; });
    }
    if (name == "priority") {
      return once(body.priority.has_value(), [&] { return priority(value); });
    }
    if (name == "deadline_ms") {
      return once(body.deadline.has_value(), [&] { return time(value, body.deadline); });
    }
    if (name == "timeout_ms" && form_.has_timeout) {
      return once(body.timeout.has_value(), [&] { return time(value, body.timeout); });
    }
    if (name == "source" && form_.has_source) {
      return once(body.source.has_value(), [&] { return source(value); });
    }
    return refuse(errc::invalid_request,
                  "one of the members " + std::string{form_.type_member} +
                      ", payload, priority, deadline_ms" +
                      (form_.has_timeout ? ", timeout_ms" : "") +
                      (form_.has_source ? ", source" : ""),
                  "that name");
  }

  template <class Read>
  static result<void> once(bool was_there, Read read) {
    if (was_there) return refuse(errc::invalid_request, "one member of that name", "a second one");
    return read();
  }

  result<void> type(ondemand::value value) {
    const ondemand::value before = value;
    ondemand::json_type kind{};
    if (value.type().get(kind)) return error{errc::invalid_json, "malformed type"};
    if (kind == ondemand::json_type::string && form_.by_name) {
      std::string_view name;
      if (value.get_string().get(name)) return error{errc::invalid_json, "malformed type"};
      return keep(form_.by_name(name));
    }
    std::uint64_t id = 0;
    if (kind != ondemand::json_type::number || value.get_uint64().get(id) ||
        id > std::numeric_limits<std::uint32_t>::max()) {
      return refuse(errc::invalid_request,
                    std::string{"integer from 0 to 4294967295"} +
                        (form_.by_name ? ", or the name of a message" : ""),
                    before);
    }
    return keep(form_.by_id(static_cast<std::uint32_t>(id)));
  }

  result<void> keep(result<message_choice> found) {
    if (!found) return std::move(found).error();
    choice = *found;
    return {};
  }

  result<void> priority(ondemand::value value) {
    const ondemand::value before = value;
    std::string_view name;
    if (!value.get_string().get(name)) body.priority = priority_named(name);
    if (body.priority) return {};
    return refuse(errc::invalid_request, "one of low, normal, high, critical", before);
  }

  result<void> time(ondemand::value value, std::optional<std::chrono::milliseconds>& out) {
    const ondemand::value before = value;
    std::int64_t ms = 0;
    if (value.get_int64().get(ms) || ms < 1 || ms > form_.max_time.count()) {
      return refuse(errc::invalid_request,
                    "integer from 1 to " + std::to_string(form_.max_time.count()), before);
    }
    out = std::chrono::milliseconds{ms};
    return {};
  }

  result<void> source(ondemand::value value) {
    const ondemand::value before = value;
    std::string_view id;
    if (value.get_string().get(id) || id.empty() || id.size() > longest_id) {
      return refuse(errc::invalid_request, "the id of an actor", before);
    }
    body.source = std::string{id};
    return {};
  }

  const message_form& form_;
};

/// In a second pass, since the type may stand behind it. Keys are compared without unescaping them,
/// for which the parser has room once.
result<void> decode_payload(ondemand::object& object, const codec& payload, void* out,
                            arena& memory) {
  if (object.reset().error()) return error{errc::invalid_json, "malformed object"};
  for (auto field : object) {
    ondemand::raw_json_string key;
    ondemand::value value;
    if (field.key().get(key)) break;
    if (!is_key(key, "payload")) continue;
    if (field.value().get(value)) break;
    json_value opened{value, nullptr};
    std::string params_used;
    return payload.decode(opened, out, memory, params_used);
  }
  return error{errc::invalid_json, "malformed object"};
}

result<message_body> decode_document(ondemand::document& document, const message_form& form,
                                     arena& memory) {
  ondemand::json_type kind{};
  ondemand::object object;
  if (document.type().get(kind)) return error{errc::invalid_json, "malformed body"};
  if (kind != ondemand::json_type::object) {
    return refuse(errc::invalid_request, "object with the member " + std::string{form.type_member},
                  kind == ondemand::json_type::array ? "an array" : "a single value");
  }
  if (document.get_object().get(object)) return error{errc::invalid_json, "malformed body"};
  envelope_reader envelope{form};
  if (auto read = envelope.read(object); !read) return std::move(read).error();
  if (!at_end(document)) return error{errc::invalid_json, "text after the body's object"};

  const type_info& type = envelope.choice->payload->type();
  void* const out = memory.allocate_bytes(type.size_bytes);
  type.construct(out);
  auto decoded = envelope.has_payload
                     ? decode_payload(object, *envelope.choice->payload, out, memory)
                     : envelope.choice->payload->decode("{}", out, memory);
  if (!decoded) return within("payload", std::move(decoded).error());
  envelope.body.type = envelope.choice->type_id;
  envelope.body.payload = {static_cast<const std::byte*>(out), type.size_bytes};
  return std::move(envelope.body);
}

}  // namespace

result<message_body> decode_message_body(json_reader& reader, const text_buffer& body,
                                         const message_form& form, arena& memory) {
  const std::size_t max_depth = reader.parser().max_depth;
  auto decoded = read_document(
      reader.parser(), body.view(),
      [&](ondemand::document& document, simdjson::error_code failure) -> result<message_body> {
        if (failure) return error{errc::invalid_json, error_message(failure)};
        return decode_document(document, form, memory);
      });
  if (!decoded) return explain(std::move(decoded).error(), body.view(), max_depth);
  return decoded;
}

std::optional<message_priority> priority_named(std::string_view name) noexcept {
  for (std::size_t i = 0; i < priorities.size(); ++i) {
    if (priorities[i] == name) return static_cast<message_priority>(i);
  }
  return std::nullopt;
}

std::string_view name_of(message_priority p) noexcept {
  return priorities[static_cast<std::size_t>(p)];
}

}  // namespace kernd
