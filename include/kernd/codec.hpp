#pragma once

#include "kernd/arena.hpp"
#include "kernd/describe.hpp"
#include "kernd/error.hpp"
#include "kernd/kernel.hpp"
#include "kernd/text_buffer.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace kernd {

class json_value;  // a value inside a document that `json_reader` has opened

/// Decodes, encodes and documents one described struct under a kernel's field rules.
/// Immutable after construction; safe to use from any thread.
class codec {
 public:
  /// An input may leave out what has a default; an output never does.
  enum class direction : std::uint8_t { input, output };

  /// Throws `std::logic_error` when a member of `type` has no entry with a doc in `fields`, or a
  /// `dtype` member names what is no dtype. `type` outlives the codec.
  codec(const type_info& type, std::span<const field_info> fields,
        direction which = direction::input);
  codec(codec&&) noexcept;
  codec& operator=(codec&&) noexcept;
  ~codec();

  const type_info& type() const noexcept;

  /// Fills `out`, a value-initialised struct of `type()`; arrays go to `memory`. The members of
  /// the top level that were absent and have a default are appended to `params_used`, as the
  /// members of a JSON object: `"alpha":1,"beta":0`.
  ///
  /// Errors: `invalid_json`, `invalid_input` with a pointer relative to the value.
  /// Throws `memory_limit_error`.
  result<void> decode(json_value& value, void* out, arena& memory, std::string& params_used) const;

  /// As above, of a whole text. For small documents: examples, the command line, tests.
  result<void> decode(std::string_view json, void* out, arena& memory) const;

  /// Appends `value`, a struct of `type()`, as JSON. Floating-point numbers have the shortest form
  /// that reads back to the same bits. Counts what it appends against `memory`.
  ///
  /// Errors: `non_finite_output` with a pointer. Throws `memory_limit_error`.
  result<void> encode(const void* value, text_buffer& out, arena& memory) const;

  /// JSON Schema 2020-12: types, ranges, units, defaults.
  nlohmann::ordered_json schema() const;

 private:
  friend struct codec_steps;
  struct node;
  std::unique_ptr<const node> root_;
};

}  // namespace kernd
