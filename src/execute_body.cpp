#include "kernd/execute_body.hpp"

#include "kernd/did_you_mean.hpp"
#include "src/json_syntax.hpp"
#include "src/json_value.hpp"

#include <set>
#include <utility>

namespace kernd {

namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::size_t largest_metadata_bytes = 16 * 1024;
constexpr std::size_t longest_metadata_text = 256;

/// A `null` member counts as absent.
bool is_null(ondemand::value value) {
  bool null = false;
  return !value.is_null().get(null) && null;
}

result<void> read_integer(ondemand::value value, std::int64_t min, std::int64_t max,
                          std::optional<std::int64_t>& out) {
  if (is_null(value)) return {};
  ondemand::value before = value;
  std::int64_t number = 0;
  if (value.get_int64().get(number) || number < min || number > max) {
    return refuse(errc::invalid_request,
                  "integer from " + std::to_string(min) + " to " + std::to_string(max), before);
  }
  out = number;
  return {};
}

result<void> read_text(ondemand::value value, std::optional<std::string>& out) {
  if (is_null(value)) return {};
  ondemand::value before = value;
  std::string_view text;
  if (value.get_string().get(text) || text.size() > longest_metadata_text) {
    return refuse(errc::invalid_request,
                  "string of at most " + std::to_string(longest_metadata_text) + " bytes", before);
  }
  out = std::string{text};
  return {};
}

error refuse_second(std::string_view name) {
  return within(name, refuse(errc::invalid_request, "one member of that name", "a second one"));
}

/// One member of the metadata; those it does not know are ignored.
result<void> read_metadata_member(std::string_view name, ondemand::value value,
                                  std::chrono::milliseconds max_timeout, job_metadata& out) {
  if (name == "tenant_id") return read_text(value, out.tenant_id);
  if (name == "trace_id") return read_text(value, out.trace_id);
  if (name == "span_id") return read_text(value, out.span_id);
  std::optional<std::int64_t> number;
  if (name == "timeout_ms") {
    auto read = read_integer(value, 1, max_timeout.count(), number);
    if (number) out.timeout = std::chrono::milliseconds{*number};
    return read;
  }
  if (name == "priority") {
    auto read = read_integer(value, 0, 10, number);
    if (number) out.priority = static_cast<int>(*number);
    return read;
  }
  return {};
}

/// Goes on behind a member that it refuses; the error is that of the first one.
result<void> read_metadata(ondemand::object& object, std::chrono::milliseconds max_timeout,
                           job_metadata& out) {
  result<void> first;
  std::set<std::string_view> seen;
  for (auto field : object) {
    std::string_view name;
    ondemand::value value;
    if (field.unescaped_key().get(name) || field.value().get(value)) {
      if (first) first = error{errc::invalid_json, "malformed metadata"};
      break;
    }
    if (!seen.insert(name).second) {
      if (first) first = refuse_second(name);
      continue;
    }
    auto read = read_metadata_member(name, value, max_timeout, out);
    if (first && !read) first = within(name, std::move(read).error());
  }
  return first;
}

/// `max_depth` is that of the body, in which the metadata is one level down. `out` holds what is
/// sound also when there is an error.
result<void> decode_metadata(ondemand::value value, std::size_t max_depth,
                             std::chrono::milliseconds max_timeout, job_metadata& out) {
  ondemand::value before = value;
  ondemand::object object;
  std::string_view text;
  if (value.get_object().get(object)) {
    return within("metadata", refuse(errc::invalid_request, "object", before));
  }
  if (object.raw_json().get(text)) return error{errc::invalid_json, "malformed metadata"};
  text = text.substr(0, text.find_last_of('}') + 1);  // without the space behind it
  if (text.size() > largest_metadata_bytes) {
    return within("metadata", refuse(errc::invalid_request,
                                     "at most " + std::to_string(largest_metadata_bytes) + " bytes",
                                     std::to_string(text.size())));
  }
  // The parser skips the members that nobody asks for; they must be JSON all the same.
  if (auto syntax = find_syntax_error(text, max_depth - 1)) return *std::move(syntax);
  if (object.reset().error()) return error{errc::invalid_json, "malformed metadata"};
  auto read = read_metadata(object, max_timeout, out);
  if (!read) return within("metadata", std::move(read).error());
  return {};
}

/// Walks the two members of the body.
class body_decoder {
 public:
  /// `outline` is what is decoded, or null for a whole text.
  body_decoder(const codec& input, arena& memory, std::chrono::milliseconds max_timeout,
               std::size_t max_depth, const json_outline* outline)
      : input_{input},
        memory_{memory},
        max_timeout_{max_timeout},
        max_depth_{max_depth},
        outline_{outline} {}

  result<execute_body> decode(ondemand::document& document) {
    ondemand::object object;
    if (auto opened = open(document, object); !opened) return std::move(opened).error();
    for (auto field : object) {
      std::string_view name;
      ondemand::value value;
      if (field.unescaped_key().get(name) || field.value().get(value)) {
        return error{errc::invalid_json, "malformed object"};
      }
      if (auto decoded = decode_member(name, value); !decoded) return std::move(decoded).error();
    }
    if (!at_end(document)) return error{errc::invalid_json, "text after the body's object"};
    if (out_.input == nullptr) {
      return within("input", refuse(errc::invalid_request, "a value", "nothing"));
    }
    return std::move(out_);
  }

 private:
  static result<void> open(ondemand::document& document, ondemand::object& object) {
    ondemand::json_type type{};
    if (document.type().get(type)) return error{errc::invalid_json, "malformed body"};
    if (type != ondemand::json_type::object) {
      return refuse(errc::invalid_request, "object with the member input",
                    type == ondemand::json_type::array ? "an array" : "a single value");
    }
    if (document.get_object().get(object)) return error{errc::invalid_json, "malformed body"};
    return {};
  }

  result<void> decode_member(std::string_view name, ondemand::value value) {
    if (name == "input") {
      if (out_.input != nullptr) return refuse_second(name);
      out_.input = memory_.allocate_bytes(input_.type().size_bytes);
      input_.type().construct(out_.input);
      json_value opened{value, outline_};
      auto decoded = input_.decode(opened, out_.input, memory_, out_.params_used);
      if (!decoded) return within(name, std::move(decoded).error());
      return {};
    }
    if (name == "metadata") {
      if (std::exchange(has_metadata_, true)) return refuse_second(name);
      return decode_metadata(value, max_depth_, max_timeout_, out_.metadata);
    }
    constexpr std::string_view known[] = {"input", "metadata"};
    return within(name, refuse(errc::invalid_request, "one of the members input, metadata",
                               "that name" + did_you_mean(name, known)));
  }

  const codec& input_;
  arena& memory_;
  std::chrono::milliseconds max_timeout_;
  std::size_t max_depth_;
  const json_outline* outline_;
  bool has_metadata_ = false;
  execute_body out_{nullptr, {}, {}};
};

}  // namespace

json_reader::json_reader(std::size_t max_depth)
    : implementation_{std::make_unique<implementation>()} {
  implementation_->max_depth = max_depth;
}
json_reader::~json_reader() = default;

void json_reader::set_max_depth(std::size_t max_depth) noexcept {
  implementation_->max_depth = max_depth;
}

result<execute_body> decode_execute_body(json_reader& reader, const text_buffer& body,
                                         const codec& input, arena& memory,
                                         std::chrono::milliseconds max_timeout) {
  const std::size_t max_depth = reader.parser().max_depth;
  const auto decode = [&](std::string_view text, const json_outline* outline) {
    const bool is_kept = text.size() <= kept_document_bytes;
    const std::size_t parser_bytes = is_kept ? 0 : parser_memory_bytes(text.size());
    memory.charge(parser_bytes);
    auto decoded = read_document(
        reader.parser(), text,
        [&](ondemand::document& document, simdjson::error_code failure) -> result<execute_body> {
          if (failure) return error{errc::invalid_json, error_message(failure)};
          return body_decoder{input, memory, max_timeout, max_depth, outline}.decode(document);
        });
    memory.discharge(parser_bytes);
    return decoded;
  };
  if (const json_outline outline{body.view()}; outline.is_worth_it()) {
    const std::size_t outline_bytes = outline.text().capacity();
    memory.charge(outline_bytes);
    if (auto decoded = decode(outline.text().view(), &outline)) {
      memory.discharge(outline_bytes);
      return decoded;
    }
    memory.reset(memory.limit_bytes());
  }
  auto decoded = decode(body.view(), nullptr);
  if (!decoded) return explain(std::move(decoded).error(), body.view(), max_depth);
  return decoded;
}

job_metadata peek_metadata(json_reader& reader, const text_buffer& body,
                           std::chrono::milliseconds max_timeout) {
  if (body.size() > kept_document_bytes) return {};  // its parser would be nobody's memory
  if (body.view().find("\"metadata\"") == std::string_view::npos) return {};
  const std::size_t max_depth = reader.parser().max_depth;
  const auto peek = [&](ondemand::document& document,
                        simdjson::error_code failure) -> job_metadata {
    ondemand::object object;
    ondemand::value value;
    if (failure || document.get_object().get(object)) return {};
    if (object.find_field_unordered("metadata").get(value)) return {};
    job_metadata out;
    if (!decode_metadata(value, max_depth, max_timeout, out)) {
      out.timeout.reset();
      out.priority.reset();
    }
    return out;
  };
  return read_document(reader.parser(), body.view(), peek);
}

std::size_t parser_memory_bytes(std::size_t document_bytes) noexcept {
  // As simdjson allocates them: the index for whole blocks of 64 bytes and what runs over, the
  // texts with their padding. What depends on the depth is a few hundred bytes more.
  const std::size_t index = 4 * (document_bytes + 64 + 9);
  const std::size_t texts = 5 * document_bytes / 3 + 2 * text_buffer::padding;
  return index + texts;
}

}  // namespace kernd
