#include "log_line.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace kernd {
namespace {

struct code_point {
  std::uint32_t value;
  std::size_t bytes;  ///< 0 when the bytes are not UTF-8.
};

/// Decodes the first code point of `text`, which starts with a byte above 0x7f.
code_point decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return {0, 0};
  std::uint32_t value = first & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {0, 0};
    value = value << 6 | (byte(i) & 0x3fu);
  }
  constexpr std::uint32_t smallest[] = {0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < smallest[length - 2] || surrogate || value > 0x10ffff) return {0, 0};
  return {value, length};
}

void append_escape(std::string& out, std::uint32_t unit) {
  constexpr std::string_view digits = "0123456789abcdef";
  switch (unit) {
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += digits[unit >> shift & 15];
}

/// Control characters, and what some reader takes for the end of a line.
bool breaks_lines(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029;
}

enum class quoting { none, inside_quotes };

void append_escaped(std::string& out, std::string_view text, quoting quotes) {
  while (!text.empty()) {
    const char c = text.front();
    code_point point{static_cast<unsigned char>(c), 1};
    if (point.value > 0x7f) point = decode(text);
    if (point.bytes == 0) {
      append_escape(out, 0xfffd);
    } else if (breaks_lines(point.value)) {
      append_escape(out, point.value);
    } else {
      if (quotes == quoting::inside_quotes && (c == '"' || c == '\\')) out += '\\';
      out += text.substr(0, point.bytes);
    }
    text.remove_prefix(std::max<std::size_t>(point.bytes, 1));
  }
}

void append_text(std::string& out, std::string_view text, quoting quotes) {
  if (text.size() <= max_log_value_bytes) {
    append_escaped(out, text, quotes);
    return;
  }
  std::size_t end = max_log_value_bytes;
  // Back to where a code point starts; bytes that are not UTF-8 may have no such place.
  for (int i = 0; i < 3 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80; ++i) --end;
  append_escaped(out, text.substr(0, end), quotes);
  out += "…";
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  append_text(out, text, quoting::inside_quotes);
  out += '"';
}

bool needs_quotes(std::string_view text) {
  return text.empty() || std::ranges::any_of(text, [](char c) {
           return c <= ' ' || c > '~' || c == '"' || c == '=' || c == '\\';
         });
}

template <class Number>
void append_number(std::string& out, Number number) {
  char buffer[32];
  out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, number).ptr);
}

struct value_writer {
  std::string& out;
  log_format format;

  void operator()(std::string_view text) const {
    if (format == log_format::json || needs_quotes(text)) {
      append_quoted(out, text);
    } else {
      append_text(out, text, quoting::none);
    }
  }
  void operator()(bool value) const { out += value ? "true" : "false"; }
  void operator()(std::int64_t value) const { append_number(out, value); }
  void operator()(std::uint64_t value) const { append_number(out, value); }
  void operator()(double value) const {
    if (std::isfinite(value)) {
      append_number(out, value);
    } else {  // JSON has no such numbers.
      (*this)(std::string_view{std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity"});
    }
  }
};

void append_digits(std::string& out, unsigned value, unsigned digits) {
  for (unsigned unit = digits == 4 ? 1000 : digits == 3 ? 100 : 10; unit > 0; unit /= 10) {
    out += static_cast<char>('0' + value / unit % 10);
  }
}

/// RFC 3339 in UTC with milliseconds.
void append_time(std::string& out, std::chrono::system_clock::time_point time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{floor<milliseconds>(time) - day};
  append_digits(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_digits(out, static_cast<unsigned>(clock.hours().count()), 2);
  out += ':';
  append_digits(out, static_cast<unsigned>(clock.minutes().count()), 2);
  out += ':';
  append_digits(out, static_cast<unsigned>(clock.seconds().count()), 2);
  out += '.';
  append_digits(out, static_cast<unsigned>(clock.subseconds().count()), 3);
  out += 'Z';
}

void append_json(std::string& out, std::string_view level, std::string_view message,
                 std::span<const log_field> fields) {
  out += R"(","level":")";
  out += level;
  out += R"(","msg":)";
  append_quoted(out, message);
  for (const auto& field : fields) {
    out += ',';
    append_quoted(out, field.key);
    out += ':';
    std::visit(value_writer{out, log_format::json}, field.value);
  }
  out += "}\n";
}

void append_plain(std::string& out, std::string_view level, std::string_view message,
                  std::span<const log_field> fields) {
  constexpr std::size_t level_width = 5;
  out += ' ';
  out += level;
  out.append(level_width - std::min(level.size(), level_width) + 1, ' ');
  append_text(out, message, quoting::none);
  for (const auto& field : fields) {
    out += ' ';
    append_text(out, field.key, quoting::none);
    out += '=';
    std::visit(value_writer{out, log_format::text}, field.value);
  }
  out += '\n';
}

}  // namespace

std::string log_line(log_format format, log_level level, std::chrono::system_clock::time_point time,
                     std::string_view message, std::span<const log_field> fields) {
  const std::string_view level_name = log_level_names[static_cast<std::size_t>(level)];
  std::string out;
  out.reserve(512);
  if (format == log_format::json) {
    out += R"({"ts":")";
    append_time(out, time);
    append_json(out, level_name, message, fields);
  } else {
    append_time(out, time);
    append_plain(out, level_name, message, fields);
  }
  return out;
}

}  // namespace kernd
