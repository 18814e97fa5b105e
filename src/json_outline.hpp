#pragma once

#include "kernd/text_buffer.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace kernd {

/// A JSON text without what stands inside its long arrays of numbers: those are read apart from it,
/// in pieces and on all cores. Each is left as `[?]`, which nothing takes for a value.
///
/// Whatever goes wrong with an outline goes wrong with the whole text as well, which then tells
/// what is wrong and where; not the other way round: only some readers know outlines.
class json_outline {
 public:
  /// Linear in `whole`, whose bytes it refers to. Throws `std::bad_alloc`.
  explicit json_outline(std::string_view whole);

  /// False when there is nothing to gain: no long array, or only a small part of the text.
  [[nodiscard]] bool is_worth_it() const noexcept { return !arrays_.empty(); }

  /// With the readable bytes behind it that simdjson wants.
  [[nodiscard]] const text_buffer& text() const noexcept { return text_; }

  /// What stands between the brackets of the array at `place` of `text()`, when it was left out.
  [[nodiscard]] std::optional<std::string_view> long_array_at(const char* place) const noexcept;

 private:
  struct long_array {
    std::size_t place;  ///< Of its `[` in `text_`.
    std::string_view inside;
  };

  text_buffer text_;
  std::vector<long_array> arrays_;
};

}  // namespace kernd
