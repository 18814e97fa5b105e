#include "src/json_value.hpp"

#include "src/json_syntax.hpp"

#include <new>
#include <utility>

namespace kernd {

namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::size_t longest_token = 40;

/// The parser does not look whether it got the memory for unescaped texts.
struct document_memory : ondemand::document {
  static bool has_texts(ondemand::document& opened) {
    return (opened.*&document_memory::iter).string_buf_loc() != nullptr;
  }
};

/// People and other servers write these where JSON has no number; they deserve a pointer.
bool is_non_finite_literal(std::string_view token) {
  if (token.starts_with('-') || token.starts_with('+')) token.remove_prefix(1);
  return token.starts_with("NaN") || token.starts_with("nan") || token.starts_with("Infinity") ||
         token.starts_with("inf") || token.starts_with("Inf");
}

}  // namespace

simdjson::error_code open_document(ondemand::parser& parser, std::string_view text,
                                   ondemand::document& into) {
  const auto failure =
      parser.iterate(text.data(), text.size(), text.size() + text_buffer::padding).get(into);
  if (failure == simdjson::MEMALLOC || (!failure && !document_memory::has_texts(into))) {
    throw std::bad_alloc();
  }
  return failure;
}

bool is_key(simdjson::ondemand::raw_json_string key, std::string_view name) {
  const char* at = key.raw();  // the closing quote stops every loop below
  for (const char c : name) {
    if (*at == c) {
      ++at;
      continue;
    }
    if (at[0] != '\\' || at[1] != 'u') return false;
    const char digits[] = {'0', '0', "0123456789abcdef"[c >> 4], "0123456789abcdef"[c & 15]};
    at += 2;
    for (const char digit : digits) {
      if (*at != digit && (digit < 'a' || *at != digit - 'a' + 'A')) return false;
      ++at;
    }
  }
  return *at == '"';
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
