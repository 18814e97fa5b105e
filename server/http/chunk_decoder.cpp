#include "server/http/chunk_decoder.hpp"

#include "server/http/request.hpp"

#include <algorithm>
#include <charconv>

namespace kernd::http {
namespace {

/// Sixteen digits and the line's end: what a chunk needs, however small it is.
constexpr std::size_t longest_size_line = 18;

error malformed(std::string what) {
  return {errc::bad_request, "the request is malformed: " + std::move(what)};
}

bool is_token_character(char c) {
  constexpr std::string_view symbols = "!#$%&'*+-.^_`|~";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         symbols.find(c) != symbols.npos;
}

/// Takes a token off `text`; false when there is none.
bool take_token(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_token_character);
  const auto size = static_cast<std::size_t>(end - text.begin());
  text.remove_prefix(size);
  return size != 0;
}

bool take_quoted(std::string_view& text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

void skip_spaces(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
}

/// `*( ";" name [ "=" value ] )` with spaces between.
bool are_extensions(std::string_view text) {
  while (!text.empty()) {
    skip_spaces(text);
    if (!text.starts_with(';')) return false;
    text.remove_prefix(1);
    skip_spaces(text);
    if (!take_token(text)) return false;
    std::string_view behind = text;
    skip_spaces(behind);
    if (!behind.starts_with('=')) continue;
    text = behind.substr(1);
    skip_spaces(text);
    if (!(text.starts_with('"') ? take_quoted(text) : take_token(text))) return false;
  }
  return true;
}

/// A field that says nothing of how the message is framed or routed: it comes too late for that.
bool is_trailer(std::string_view line) {
  std::string_view behind = line;
  if (!take_token(behind) || !behind.starts_with(':')) return false;
  const std::string_view name = line.substr(0, line.size() - behind.size());
  return !equal_field_names(name, "Content-Length") &&
         !equal_field_names(name, "Transfer-Encoding") && !equal_field_names(name, "Host");
}

bool is_control(char c) {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
}

}  // namespace

void chunk_decoder::start(std::uint64_t most_body_bytes, std::size_t most_other_bytes) {
  state_ = state::size;
  line_ = {};
  missing_ = body_bytes_ = 0;
  most_body_bytes_ = most_body_bytes;
  other_bytes_ = 0;
  most_other_bytes_ = most_other_bytes;
}

result<bool> chunk_decoder::decode(std::string_view& input, text_buffer& body) {
  while (!input.empty() && state_ != state::whole) {
    if (state_ == state::data) {
      take_data(input, body);
      continue;
    }
    const auto is_line = take_line(input);
    if (!is_line) return is_line.error();
    if (!*is_line) break;
    const auto ended = end_line();
    if (!ended) return ended.error();
  }
  return state_ == state::whole;
}

void chunk_decoder::take_data(std::string_view& input, text_buffer& body) {
  const auto here = static_cast<std::size_t>(std::min<std::uint64_t>(missing_, input.size()));
  body.append(input.substr(0, here));
  input.remove_prefix(here);
  missing_ -= here;
  if (missing_ == 0) state_ = state::data_end;
}

/// True when the line is there. A line ends with CR and LF, and neither is anywhere else.
result<bool> chunk_decoder::take_line(std::string_view& input) {
  while (!input.empty()) {
    const char c = input.front();
    input.remove_prefix(1);
    const bool is_behind_return = line_.ends_with('\r');
    if ((c == '\n') != is_behind_return) return malformed("a line in a chunked body has a bad end");
    if (c != '\r' && c != '\n' && is_control(c)) {
      return malformed("a line in a chunked body has a control byte");
    }
    if (state_ == state::data_end && c != '\r' && c != '\n') {
      return malformed("a chunk is longer than its size");
    }
    line_ += c;
    if (is_beyond_limit()) {
      return malformed("chunk extensions and trailers are longer than the limit of " +
                       std::to_string(most_other_bytes_) + " bytes");
    }
    if (c == '\n') return true;
  }
  return false;
}

bool chunk_decoder::is_beyond_limit() {
  const bool counts = state_ == state::trailer || line_.size() > longest_size_line;
  if (counts) ++other_bytes_;
  return other_bytes_ > most_other_bytes_;
}

result<void> chunk_decoder::end_line() {
  const std::string_view line = std::string_view{line_}.substr(0, line_.size() - 2);
  if (state_ == state::data_end) {
    state_ = state::size;
  } else if (state_ == state::size) {
    auto read = read_size(line);
    if (!read) return read;
  } else if (line.empty()) {
    state_ = state::whole;
    line_ = {};  // it may be long, and the connection lives on
  } else if (!is_trailer(line)) {
    return malformed("a trailer is not a field that may stand there");
  }
  line_.clear();
  return {};
}

result<void> chunk_decoder::read_size(std::string_view line) {
  std::uint64_t size = 0;
  const auto read = std::from_chars(line.data(), line.data() + line.size(), size, 16);
  if (read.ec != std::errc{}) return malformed("a chunk's size is not a hexadecimal number");
  line.remove_prefix(static_cast<std::size_t>(read.ptr - line.data()));
  if (!are_extensions(line)) return malformed("a chunk's extension is not name and value");
  if (size > most_body_bytes_ - body_bytes_) {
    return error{errc::body_too_large, "the body is longer than the limit of " +
                                           std::to_string(most_body_bytes_) + " bytes"};
  }
  body_bytes_ += size;
  missing_ = size;
  state_ = size == 0 ? state::trailer : state::data;
  return {};
}

}  // namespace kernd::http
