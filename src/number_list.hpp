#pragma once

#include "src/codec_numbers.hpp"

#include <vector>

namespace kernd {

/// An array of numbers in a document: opened and counted, then read once. One that the document's
/// outline leaves out is counted and read in pieces, on all cores.
class number_list {
 public:
  /// Error: `invalid_input` when `value` is no array. `value` outlives the list.
  static result<number_list> open(json_value& value);

  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// Fills `size()` elements. Errors: `invalid_json`, `invalid_input` with the index; of a list
  /// that is read in pieces only that there is one.
  template <number_type T>
  result<void> read(T* out);

 private:
  /// Part of a long array's text, between two of its commas.
  struct piece {
    std::string_view text;
    std::size_t first;  ///< Index of its first number.
    std::size_t size;
  };

  static std::vector<piece> cut(std::string_view inside);
  static std::size_t count(std::vector<piece>& pieces);

  simdjson::ondemand::array elements_;
  std::vector<piece> pieces_;  ///< Of a long array; else empty.
  std::size_t size_ = 0;
};

template <number_type T>
result<array<T>> read_array(json_value& value, arena& memory) {
  auto list = number_list::open(value);
  if (!list) return std::move(list).error();
  const auto out = memory.allocate<T>(list->size());
  if (auto read = list->read(out.data); !read) return std::move(read).error();
  return out;
}

}  // namespace kernd
