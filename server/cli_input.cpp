#include "server/cli_input.hpp"

#include "kernd/arena.hpp"
#include "kernd/did_you_mean.hpp"

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <limits>
#include <system_error>
#include <utility>

namespace kernd::cli {
namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr auto npos = std::string_view::npos;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// The offset behind the string that begins at `at`; npos when it does not end.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  while ((at = text.find_first_of("\"\\", at + 1)) != npos) {
    if (text[at] == '"') return at + 1;
    ++at;
  }
  return npos;
}

/// The offset of the first of `stops` from `at` on that is in no string and in no bracket.
std::size_t find_outside(std::string_view text, std::size_t at, std::string_view stops) {
  std::size_t depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (depth == 0 && stops.find(c) != npos) return at;
    if (c == '"') {
      at = end_of_string(text, at);
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && depth-- == 0) return npos;
    ++at;
  }
  return npos;
}

std::optional<member_text> read_member(std::string_view text) {
  text = trimmed(text);
  if (!text.starts_with('"')) return std::nullopt;
  const auto end = end_of_string(text, 0);
  if (end == npos) return std::nullopt;
  const std::string_view rest = trimmed(text.substr(end));
  if (!rest.starts_with(':')) return std::nullopt;
  const auto name = nlohmann::json::parse(text.substr(0, end), nullptr, false);
  if (!name.is_string()) return std::nullopt;
  return member_text{name.get<std::string>(), text, trimmed(rest.substr(1))};
}

bool is_whole_body(const kernel_entry& entry, const std::vector<member_text>& members) {
  const auto& fields = entry.kernel.input->members;
  const auto has_input = [](const auto& member) { return member.name == "input"; };
  return std::any_of(members.begin(), members.end(), has_input) &&
         std::none_of(fields.begin(), fields.end(), has_input) &&
         std::all_of(members.begin(), members.end(), [](const member_text& member) {
           return member.name == "input" || member.name == "metadata";
         });
}

std::optional<refusal_message> check_fields(const kernel_entry& entry,
                                            const std::vector<named_value>& set) {
  std::vector<std::string_view> known;
  for (const member_info& member : entry.kernel.input->members) known.push_back(member.name);
  for (const auto& field : set) {
    if (std::find(known.begin(), known.end(), field.name) != known.end()) continue;
    return refusal_message{
        exit_code::usage,
        {errc::invalid_request, "--set: " + std::string{entry.kernel.info.id} + " has no field `" +
                                    field.name + "`" + did_you_mean(field.name, known)}};
  }
  return std::nullopt;
}

refusal_message too_large(const limits_config& limits) {
  return {exit_code::data_error,
          {errc::body_too_large, "the input is too large: limits.max_body_bytes is " +
                                     std::to_string(limits.max_body_bytes) +
                                     ", with the {\"input\":} around it"}};
}

class file_descriptor {
 public:
  explicit file_descriptor(int value) : value_{value} {}
  file_descriptor(const file_descriptor&) = delete;
  file_descriptor& operator=(const file_descriptor&) = delete;
  ~file_descriptor() {
    if (value_ > STDIN_FILENO) ::close(value_);
  }
  [[nodiscard]] int value() const { return value_; }

 private:
  int value_;
};

}  // namespace

std::optional<std::vector<member_text>> top_level_members(std::string_view text) {
  text = trimmed(text);
  if (!text.starts_with('{')) return std::nullopt;
  std::vector<member_text> members;
  if (trimmed(text.substr(1)) == "}") return members;
  for (std::size_t at = 1;;) {
    const auto end = find_outside(text, at, ",}");
    if (end == npos) return std::nullopt;
    auto member = read_member(text.substr(at, end - at));
    if (!member) return std::nullopt;
    members.push_back(*std::move(member));
    if (text[end] == '}') {
      return end + 1 == text.size() ? std::optional{std::move(members)} : std::nullopt;
    }
    at = end + 1;
  }
}

void append_changed(text_buffer& body, const std::vector<member_text>& members,
                    const std::vector<named_value>& set) {
  const auto is_set_from = [&](std::size_t first, const std::string& name) {
    return std::any_of(set.begin() + static_cast<std::ptrdiff_t>(first), set.end(),
                       [&](const auto& field) { return field.name == name; });
  };
  std::string_view separator = "{";
  const auto add = [&](std::string_view text) {
    body.append(separator);
    body.append(text);
    separator = ",";
  };
  for (const auto& member : members) {
    if (!is_set_from(0, member.name)) add(member.text);
  }
  for (std::size_t i = 0; i < set.size(); ++i) {
    if (is_set_from(i + 1, set[i].name)) continue;
    constexpr auto replace = nlohmann::json::error_handler_t::replace;
    const std::string& value = set[i].value;
    const bool is_json = nlohmann::json::accept(value);
    add(nlohmann::json(set[i].name).dump() + ":" +
        (is_json ? value : nlohmann::json(value).dump(-1, ' ', false, replace)));
  }
  body.append(separator == "{" ? "{}" : "}");
}

expected<text_buffer> read_input(const std::string& path, const limits_config& limits) {
  constexpr std::size_t step = 1 << 16;
  const bool is_standard = path == "-";
  const std::string name = is_standard ? "standard input" : path;
  const auto failure = [&] {
    return refusal_message{
        exit_code::no_input,
        {errc::invalid_request, name + ": " + std::generic_category().message(errno)}};
  };
  const file_descriptor file{is_standard ? STDIN_FILENO
                                         : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.value() < 0) return failure();
  text_buffer text;
  for (;;) {
    const auto count = ::read(file.value(), text.prepare(step), step);
    if (count < 0) return failure();
    if (count == 0) return text;
    text.commit(static_cast<std::size_t>(count));
    if (text.size() > limits.max_body_bytes) return too_large(limits);
  }
}

error why_not_json(const kernel_entry& entry, std::string_view input) {
  if (trimmed(input).empty()) return {errc::invalid_json, "the input is empty"};
  arena memory{std::numeric_limits<std::size_t>::max()};
  void* const value = memory.allocate_bytes(entry.kernel.input->size_bytes);
  entry.kernel.input->construct(value);
  auto decoded = entry.input.decode(input, value, memory);
  if (decoded) return {errc::invalid_json, "the input is not one JSON object"};
  return within("input", std::move(decoded).error());
}

expected<text_buffer> make_body(const kernel_entry& entry, std::string_view input,
                                const std::vector<named_value>& set, const limits_config& limits) {
  if (auto refused = check_fields(entry, set)) return *std::move(refused);
  const auto members = top_level_members(input);
  if (!members) return refusal_message{exit_code::data_error, why_not_json(entry, input)};
  if (is_whole_body(entry, *members)) {
    return refusal_message{
        exit_code::data_error,
        {errc::invalid_request,
         "the input is the body of a request, {\"input\": …}; give only the value "
         "of its `input` member"}};
  }
  text_buffer body;
  body.reserve(input.size() + sizeof R"({"input":})");
  body.append(R"({"input":)");
  if (set.empty()) {
    body.append(input);
  } else {
    append_changed(body, *members, set);
  }
  body.append("}");
  if (body.size() > limits.max_body_bytes) return too_large(limits);
  return body;
}

}  // namespace kernd::cli
