#include "server/http/head_parser.hpp"

#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <functional>

namespace kernd::http {
namespace {

namespace beast_http = boost::beast::http;

method to_method(beast_http::verb verb) {
  switch (verb) {
    case beast_http::verb::get:
      return method::get;
    case beast_http::verb::head:
      return method::head;
    case beast_http::verb::post:
      return method::post;
    case beast_http::verb::put:
      return method::put;
    case beast_http::verb::delete_:
      return method::delete_;
    case beast_http::verb::options:
      return method::options;
    default:
      return method::other;
  }
}

bool is_decimal_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex_digit(char c) {
  return is_decimal_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// RFC 3986, but for commas: they would mean that somebody joined two fields.
bool is_registered_name(std::string_view text) {
  constexpr std::string_view others = "-._~!$&'()*+;=";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_decimal_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) continue;
    if (others.find(c) != others.npos) continue;
    const bool is_escape =
        c == '%' && i + 2 < text.size() && is_hex_digit(text[i + 1]) && is_hex_digit(text[i + 2]);
    if (!is_escape) return false;
    i += 2;
  }
  return true;
}

bool is_address(std::string_view text) {
  return text.size() >= 2 && std::all_of(text.begin(), text.end(), [](char c) {
           return is_hex_digit(c) || c == ':' || c == '.';
         });
}

/// `host [":" port]`, where the host may be empty or an address in brackets.
bool is_host(std::string_view text) {
  const bool is_bracketed = text.starts_with('[');
  const std::size_t end = std::min(text.find(is_bracketed ? ']' : ':'), text.size());
  if (is_bracketed && (end == text.size() || !is_address(text.substr(1, end - 1)))) return false;
  if (!is_bracketed && !is_registered_name(text.substr(0, end))) return false;

  std::string_view port = text.substr(is_bracketed ? end + 1 : end);
  if (port.empty()) return true;
  if (port.front() != ':') return false;
  port.remove_prefix(1);
  return std::all_of(port.begin(), port.end(), is_decimal_digit);
}

/// Why a Transfer-Encoding is refused that is not just `chunked`. RFC 9112, 6.3: where chunks are
/// not the last coding, once, nobody knows where the body ends; 6.1: what comes before them is
/// merely unknown.
error refused_coding(std::string_view value) {
  const std::string named = "Transfer-Encoding is '" + std::string{value} + "', ";
  std::size_t chunked = 0;
  bool has_empty = false;
  bool ends_chunked = false;
  for (std::size_t start = 0; start <= value.size();) {
    const std::size_t end = std::min(value.find(',', start), value.size());
    std::string_view token = value.substr(start, end - start);
    while (!token.empty() && (token.front() == ' ' || token.front() == '\t'))
      token.remove_prefix(1);
    while (!token.empty() && (token.back() == ' ' || token.back() == '\t')) token.remove_suffix(1);
    ends_chunked = equal_field_names(token, "chunked");
    chunked += ends_chunked ? 1 : 0;
    has_empty = has_empty || token.empty();
    start = end + 1;
  }
  if (chunked != 1 || !ends_chunked || has_empty) {
    return {errc::bad_request, named + "chunks must be the last coding, once"};
  }
  return {errc::unsupported_transfer_encoding, named + "only 'chunked' is understood"};
}

}  // namespace

void parsed_head::clear() {
  verb = method::other;
  method_name = {};
  target = {};
  version = 0;
  fields.clear();
  hosts = 0;
  lengths = 0;
  host_is_valid = true;
  expects_continue = false;
  refusal.reset();
}

std::size_t head_parser::parse(const char* begin, const char* next, const char* end,
                               error_code& ec) {
  begin_ = begin;
  end_ = end;
  return put(boost::asio::const_buffer{next, static_cast<std::size_t>(end - next)}, ec);
}

void head_parser::on_request_impl(beast_http::verb verb, string_view name, string_view target,
                                  int version, error_code& ec) {
  head_.verb = to_method(verb);
  head_.method_name = piece(name);
  head_.target = piece(target);
  head_.version = version;
  if (target.size() > max_target_bytes_) {
    refuse(errc::uri_too_long,
           "the request target is " + std::to_string(target.size()) + " bytes, limit " +
               std::to_string(max_target_bytes_),
           ec);
  }
}

void head_parser::on_field_impl(beast_http::field field, string_view name, string_view value,
                                error_code& ec) {
  if (is_folded(name, value)) return refuse(errc::bad_request, "a header line is folded", ec);
  if (head_.fields.size() == max_fields) {
    return refuse(errc::headers_too_large,
                  "the request has more than " + std::to_string(max_fields) + " header fields", ec);
  }
  head_.fields.push_back({piece(name), piece(value)});
  switch (field) {
    case beast_http::field::host:
      ++head_.hosts;
      head_.host_is_valid = is_host(value);
      break;
    case beast_http::field::content_length:
      check_length(value, ec);
      break;
    case beast_http::field::transfer_encoding:
      if (!equal_field_names(value, "chunked")) {
        head_.refusal = refused_coding(value);
        ec = beast_http::error::bad_transfer_encoding;
      }
      break;
    case beast_http::field::expect:
      if (equal_field_names(value, "100-continue")) {
        head_.expects_continue = true;
      } else {
        refuse(errc::expectation_failed,
               "Expect is '" + std::string{value} + "', only '100-continue' is understood", ec);
      }
      break;
    default:
      break;
  }
}

/// RFC 9112, 5.2 lets us refuse folded lines. Where only the end is folded Beast joined it in
/// memory that is gone after this call; where the value starts on the next line it steps over the
/// fold.
bool head_parser::is_folded(string_view name, string_view value) const {
  const std::less<> before;
  if (before(value.data(), begin_) || before(end_, value.data())) return true;
  return std::find(name.data() + name.size(), value.data(), '\r') != value.data();
}

/// Beast lets equal lengths pass, as a list or in several fields; others count differently.
void head_parser::check_length(string_view value, error_code& ec) {
  ++head_.lengths;
  if (head_.lengths == 1 && std::all_of(value.begin(), value.end(), is_decimal_digit)) return;
  refuse(errc::bad_request, "Content-Length is not one number in one field", ec);
}

head_piece head_parser::piece(string_view text) const noexcept {
  return {static_cast<std::uint32_t>(text.data() - begin_),
          static_cast<std::uint32_t>(text.size())};
}

void head_parser::refuse(errc code, std::string message, error_code& ec) {
  error& refusal = head_.refusal.emplace();
  refusal.code = code;
  refusal.message = std::move(message);
  ec = beast_http::error::bad_value;
}

}  // namespace kernd::http
