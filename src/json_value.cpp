#include "src/json_value.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace kernd {

namespace {

constexpr std::size_t longest_token = 40;
constexpr int number_overflow = 406;  // the id nlohmann/json documents

/// Accepts every JSON text up to a depth and remembers where one stops being JSON.
class syntax_checker : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit syntax_checker(std::size_t max_depth) : max_depth_{max_depth} {}

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool key(string_t&) override { return true; }
  bool start_object(std::size_t) override { return enter(); }
  bool start_array(std::size_t) override { return enter(); }
  bool end_object() override { return leave(); }
  bool end_array() override { return leave(); }
  bool parse_error(std::size_t position, const std::string& token,
                   const nlohmann::detail::exception& why) override {
    if (why.id == number_overflow) return false;  // JSON all the same; the decoder says it better
    const std::size_t offset = position == 0 ? 0 : position - 1;
    message_ = "not JSON at byte offset " + std::to_string(offset);
    if (!token.empty()) message_ += ", near '" + shorten(token) + "'";
    return false;
  }

  const std::string& message() const { return message_; }

 private:
  static std::string shorten(const std::string& token) {
    if (token.size() <= longest_token) return token;
    return "…" + token.substr(token.size() - longest_token);
  }
  bool enter() {
    if (++depth_ <= max_depth_) return true;
    message_ = "nested deeper than " + std::to_string(max_depth_) + " levels";
    return false;
  }
  bool leave() {
    --depth_;
    return true;
  }

  std::size_t max_depth_;
  std::size_t depth_ = 0;
  std::string message_;
};

/// People and other servers write these where JSON has no number; they deserve a pointer.
bool is_non_finite_literal(std::string_view token) {
  if (token.starts_with('-') || token.starts_with('+')) token.remove_prefix(1);
  return token.starts_with("NaN") || token.starts_with("nan") || token.starts_with("Infinity") ||
         token.starts_with("inf") || token.starts_with("Inf");
}

}  // namespace

std::optional<error> find_syntax_error(std::string_view text, std::size_t max_depth) {
  if (text.empty()) return error{errc::invalid_json, "the body is empty"};
  syntax_checker checker{max_depth};
  if (nlohmann::json::sax_parse(text.begin(), text.end(), &checker)) return std::nullopt;
  if (checker.message().empty()) return std::nullopt;
  return error{errc::invalid_json, checker.message()};
}

error explain(error decoded, std::string_view text, std::size_t max_depth) {
  const bool has_place = decoded.invalid.has_value();
  if (has_place && is_non_finite_literal(decoded.invalid->found)) return decoded;
  if (auto syntax = find_syntax_error(text, max_depth)) return *std::move(syntax);
  return decoded;
}

error refuse(errc code, std::string expected, simdjson::ondemand::value found) {
  return refuse_value(code, {}, std::move(expected), describe_found(found));
}

std::string describe_found(simdjson::ondemand::value value) {
  std::string_view token = value.raw_json_token();
  if (token.starts_with('[')) return "an array";
  if (token.starts_with('{')) return "an object";
  while (!token.empty() && (token.back() == ' ' || token.back() == '\n' || token.back() == '\r' ||
                            token.back() == '\t')) {
    token.remove_suffix(1);
  }
  if (token.size() <= longest_token) return std::string{token};
  std::size_t cut = longest_token;
  while (cut > 0 && (static_cast<unsigned char>(token[cut]) & 0xC0) == 0x80) --cut;  // whole UTF-8
  return std::string{token.substr(0, cut)} + "…";
}

}  // namespace kernd
