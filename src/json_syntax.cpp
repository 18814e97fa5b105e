#include "src/json_syntax.hpp"

#include <cstdint>
#include <cstdio>
#include <string>

namespace kernd {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Walks a text up to the first byte that is not JSON. simdjson says that something is wrong but
/// not where, and skips what it is not asked for. Does not recurse, so depth costs no stack.
class syntax_walker {
 public:
  syntax_walker(std::string_view text, std::size_t max_depth)
      : text_{text}, max_depth_{max_depth} {}

  bool walk() {
    skip_space();
    for (;;) {
      if (!open_values()) return false;
      while (!open_.empty() && take(open_.back())) {
        open_.pop_back();
        skip_space();
      }
      if (open_.empty()) return at_ == text_.size();
      if (!take(',')) return false;
      skip_space();
      if (open_.back() == '}' && !member_name()) return false;
    }
  }

  std::size_t offset() const { return at_; }
  bool too_deep() const { return too_deep_; }

 private:
  /// A value up to its end, or down to the first scalar or empty list inside it.
  bool open_values() {
    for (;;) {
      const char c = peek();
      if (c != '{' && c != '[') {
        if (!scalar()) return false;
        skip_space();
        return true;
      }
      if (open_.size() == max_depth_) {
        too_deep_ = true;
        return false;
      }
      ++at_;
      skip_space();
      open_.push_back(c == '{' ? '}' : ']');
      if (peek() == open_.back()) return true;
      if (c == '{' && !member_name()) return false;
    }
  }

  bool member_name() {
    if (!string()) return false;
    skip_space();
    if (!take(':')) return false;
    skip_space();
    return true;
  }

  bool scalar() {
    switch (peek()) {
      case '"':
        return string();
      case 't':
        return literal("true");
      case 'f':
        return literal("false");
      case 'n':
        return literal("null");
      default:
        return number();
    }
  }

  bool literal(std::string_view word) {
    for (const char c : word) {
      if (!take(c)) return false;
    }
    return true;
  }

  bool number() {
    take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      return digits();
    }
    return true;
  }

  bool digits() {
    if (!is_digit(peek())) return false;
    while (is_digit(peek())) ++at_;
    return true;
  }

  bool string() {
    if (!take('"')) return false;
    while (at_ < text_.size()) {
      const auto c = static_cast<unsigned char>(text_[at_]);
      if (c == '"') {
        ++at_;
        return true;
      }
      if (c < 0x20) return false;
      if (c == '\\' ? !escape() : !character(c)) return false;
    }
    return false;
  }

  bool escape() {
    const std::size_t start = at_++;
    if (!take('u')) {
      const bool known = at_ < text_.size() &&
                         std::string_view{"\"\\/bfnrt"}.find(text_[at_]) != std::string_view::npos;
      if (known) ++at_;
      return known;
    }
    std::uint32_t unit = 0, low = 0;
    if (!hex(unit)) return false;
    if (unit < 0xD800 || unit > 0xDFFF) return true;
    // A surrogate is a character only as a pair.
    const bool pair =
        unit < 0xDC00 && take('\\') && take('u') && hex(low) && low >= 0xDC00 && low <= 0xDFFF;
    if (!pair) at_ = start;
    return pair;
  }

  bool hex(std::uint32_t& unit) {
    for (int i = 0; i < 4; ++i) {
      const char c = peek();
      const char lower = static_cast<char>(c | 0x20);
      if (is_digit(c)) {
        unit = unit * 16 + static_cast<std::uint32_t>(c - '0');
      } else if (lower >= 'a' && lower <= 'f') {
        unit = unit * 16 + static_cast<std::uint32_t>(lower - 'a' + 10);
      } else {
        return false;
      }
      ++at_;
    }
    return true;
  }

  /// One UTF-8 character that starts with `lead`, as table 3-7 of the Unicode standard has it.
  bool character(unsigned char lead) {
    if (lead < 0x80) {
      ++at_;
      return true;
    }
    const std::size_t more = lead < 0xC2   ? 0
                             : lead < 0xE0 ? 1
                             : lead < 0xF0 ? 2
                             : lead < 0xF5 ? 3
                                           : 0;
    if (more == 0 || text_.size() - at_ <= more) return false;
    const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    for (std::size_t i = 1; i <= more; ++i) {
      const auto c = static_cast<unsigned char>(text_[at_ + i]);
      if (c < (i == 1 ? low : 0x80) || c > (i == 1 ? high : 0xBF)) return false;
    }
    at_ += more + 1;
    return true;
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool take(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
      ++at_;
    }
  }

  std::string_view text_;
  std::size_t max_depth_;
  std::size_t at_ = 0;
  bool too_deep_ = false;
  std::string open_;  // what closes the objects and arrays around the place
};

std::string describe_byte(char c) {
  if (c > ' ' && c <= '~') return std::string{"unexpected '"} + c + "'";
  char text[24];
  std::snprintf(text, sizeof text, "unexpected byte 0x%02x", static_cast<unsigned char>(c));
  return text;
}

}  // namespace

std::optional<error> find_syntax_error(std::string_view text, std::size_t max_depth) {
  if (text.empty()) return error{errc::invalid_json, "the body is empty"};
  syntax_walker walker{text, max_depth};
  if (walker.walk()) return std::nullopt;
  const std::size_t offset = walker.offset();
  const std::string place = " at byte offset " + std::to_string(offset);
  if (walker.too_deep()) {
    return error{errc::invalid_json,
                 "nested deeper than " + std::to_string(max_depth) + " levels" + place};
  }
  const std::string what = offset == text.size() ? "unexpected end" : describe_byte(text[offset]);
  return error{errc::invalid_json, "not JSON" + place + ": " + what};
}

}  // namespace kernd
