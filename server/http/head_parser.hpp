#pragma once

#include "kernd/error.hpp"
#include "server/http/request.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace kernd::http {

/// A piece of the head, as an offset from its first byte: the buffer may move while more is read.
struct head_piece {
  std::uint32_t offset = 0;
  std::uint32_t size = 0;

  std::string_view in(const char* head) const noexcept { return {head + offset, size}; }
};

/// What one request's head says. Kept by the connection, so that its memory is reused.
struct parsed_head {
  struct field {
    head_piece name;
    head_piece value;
  };

  method verb = method::other;
  head_piece method_name;
  head_piece target;
  int version = 0;
  std::vector<field> fields;
  unsigned hosts = 0;
  unsigned lengths = 0;  ///< Content-Length fields.
  bool host_is_valid = true;
  bool expects_continue = false;
  /// What the parser itself would let pass.
  std::optional<error> refusal;

  void clear();
};

/// The most fields that one head may have: each takes several times its shortest line in memory.
inline constexpr std::size_t max_fields = 128;

/// Beast's parser with flat storage: no allocation per field, no second look at the bytes. Stricter
/// than Beast where RFC 9112 leaves a choice. For heads only; one per request.
class head_parser final : public boost::beast::http::basic_parser<true> {
 public:
  head_parser(parsed_head& head, std::size_t max_target_bytes)
      : head_{head}, max_target_bytes_{max_target_bytes} {}

  /// Parses on. `begin` is the head's first byte; `[next, end)` has not been consumed.
  /// Returns the bytes consumed.
  std::size_t parse(const char* begin, const char* next, const char* end,
                    boost::beast::error_code& ec);

 private:
  using error_code = boost::beast::error_code;
  using string_view = boost::beast::string_view;

  void on_request_impl(boost::beast::http::verb verb, string_view name, string_view target,
                       int version, error_code& ec) override;
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_field_impl(boost::beast::http::field field, string_view name, string_view value,
                     error_code& ec) override;
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view, error_code&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view, error_code&) override { return 0; }
  void on_finish_impl(error_code&) override {}

  head_piece piece(string_view text) const noexcept;
  bool is_folded(string_view name, string_view value) const;
  void check_length(string_view value, error_code& ec);
  void refuse(errc code, std::string message, error_code& ec);

  parsed_head& head_;
  const std::size_t max_target_bytes_;
  const char* begin_ = nullptr;
  const char* end_ = nullptr;
};

}  // namespace kernd::http
