#pragma once

#include "kernd/arena.hpp"
#include "kernd/codec.hpp"
#include "kernd/error.hpp"
#include "kernd/job.hpp"
#include "kernd/text_buffer.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace kernd {

/// The longest document whose parser memory a `json_reader` keeps for the next one, in bytes.
inline constexpr std::size_t kept_document_bytes = 1 << 20;

/// What the parser takes while it reads a document of so many bytes, beside its text: four bytes of
/// index and five thirds of text per byte.
std::size_t parser_memory_bytes(std::size_t document_bytes) noexcept;

/// Opens JSON documents. Keeps the parser's memory for the next document, except after one longer
/// than `kept_document_bytes`. Confined to one thread at a time; make one per worker and one per
/// event loop.
class json_reader {
 public:
  /// `max_depth`: how deep objects and arrays may nest.
  explicit json_reader(std::size_t max_depth);
  ~json_reader();
  json_reader(const json_reader&) = delete;
  json_reader& operator=(const json_reader&) = delete;

  void set_max_depth(std::size_t max_depth) noexcept;

  struct implementation;
  implementation& parser() noexcept { return *implementation_; }

 private:
  std::unique_ptr<implementation> implementation_;
};

/// An execute body, decoded: `{"input": …, "metadata": …}`.
struct execute_body {
  void* input;  ///< A struct of the codec's type, in the arena.
  job_metadata metadata;
  std::string params_used;  ///< Members of a JSON object, without braces.
};

/// Decodes a whole body in one pass. Large arrays go from `body` to `memory` directly, long ones on
/// all cores. `body` has `text_buffer::padding` readable bytes after its text, and is not changed;
/// what `memory` held before may be given back. Metadata that asks for more time than `max_timeout`
/// is refused.
///
/// What is taken while the body is decoded is charged to `memory` meanwhile: the text without its
/// long arrays where they are left out, and the parser's memory for more than
/// `kept_document_bytes` of what it reads. For less the parser's memory is the reader's own.
///
/// Errors: `invalid_json` with the byte offset, `invalid_request`, `invalid_input`; pointers start
/// at the body's root: `/input/x/17`. Throws `memory_limit_error`, `std::bad_alloc`.
result<execute_body> decode_execute_body(json_reader& reader, const text_buffer& body,
                                         const codec& input, arena& memory,
                                         std::chrono::milliseconds max_timeout);

/// Only the metadata of a body; everything else is left to `decode_execute_body`, which also
/// reports what is wrong with it: then this has neither timeout nor priority, but those of the ids
/// that are sound. Nothing of a body beyond `kept_document_bytes`. Throws `std::bad_alloc`.
job_metadata peek_metadata(json_reader& reader, const text_buffer& body,
                           std::chrono::milliseconds max_timeout);

}  // namespace kernd
