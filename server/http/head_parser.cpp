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

/// Characters of `host [":" port]`, RFC 3986; commas would mean that somebody joined two of them.
bool is_host_character(char c) {
  constexpr std::string_view others = "-._~:[]%!$&'()*+;=";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         others.find(c) != others.npos;
}

}  // namespace

void parsed_head::clear() {
  verb = method::other;
  method_name = {};
  target = {};
  version = 0;
  fields.clear();
  hosts = 0;
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
  // A folded line was joined in memory that is gone after this call; RFC 9112 lets us refuse it.
  const std::less<> before;
  if (before(value.data(), begin_) || before(end_, value.data())) {
    return refuse(errc::bad_request, "a header line is folded", ec);
  }
  if (!in_head_) return;  // Trailers say nothing that we use.

  head_.fields.push_back({piece(name), piece(value)});
  switch (field) {
    case beast_http::field::host:
      ++head_.hosts;
      head_.host_is_valid = std::all_of(value.begin(), value.end(), is_host_character);
      break;
    case beast_http::field::transfer_encoding:
      if (!equal_field_names(value, "chunked")) {
        refuse(errc::unsupported_transfer_encoding,
               "Transfer-Encoding is '" + std::string{value} + "', only 'chunked' is understood",
               ec);
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

std::size_t head_parser::on_chunk_body_impl(std::uint64_t, string_view bytes, error_code&) {
  body_->append(bytes);
  return bytes.size();
}

head_piece head_parser::piece(string_view text) const noexcept {
  return {static_cast<std::uint32_t>(text.data() - begin_),
          static_cast<std::uint32_t>(text.size())};
}

void head_parser::refuse(errc code, std::string message, error_code& ec) {
  head_.refusal = error{code, std::move(message)};
  ec = beast_http::error::bad_value;
}

}  // namespace kernd::http
