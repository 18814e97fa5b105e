#pragma once

#include "kernd/error.hpp"
#include "kernd/text_buffer.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace kernd::http {

/// Takes one chunked body after the other apart, by the letter of RFC 9112, 7.1: a byte that need
/// not be there is refused, since somebody else may read it differently. Extensions and trailers
/// are checked and forgotten. Confined to one thread.
class chunk_decoder {
 public:
  /// Makes it ready for a body of at most `most_body_bytes`. Its extensions and trailers, beyond a
  /// few bytes per chunk, have `most_other_bytes` together.
  void start(std::uint64_t most_body_bytes, std::size_t most_other_bytes);

  /// Takes what belongs to the body off `input` and appends its data to `body`, which has room for
  /// it. True when the body is whole: what is left of `input` then comes behind it.
  /// Errors, after which only `start` may follow: `bad_request`, `body_too_large`.
  result<bool> decode(std::string_view& input, text_buffer& body);

 private:
  enum class state { size, data, data_end, trailer, whole };

  void take_data(std::string_view& input, text_buffer& body);
  result<bool> take_line(std::string_view& input);
  result<void> end_line();
  result<void> read_size(std::string_view line);
  bool is_beyond_limit();

  state state_ = state::size;
  std::string line_;           ///< What has come of the current line, with its end.
  std::uint64_t missing_ = 0;  ///< Of the current chunk.
  std::uint64_t body_bytes_ = 0;
  std::uint64_t most_body_bytes_ = 0;
  std::size_t other_bytes_ = 0;
  std::size_t most_other_bytes_ = 0;
};

}  // namespace kernd::http
