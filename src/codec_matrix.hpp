#pragma once

#include "src/number_list.hpp"

#include <boost/describe/class.hpp>

#include <algorithm>
#include <limits>

namespace kernd {

/// The wire form of a matrix that is not nested rows.
template <number_type T>
struct shaped_matrix {
  array<std::uint64_t> shape;
  array<T> data;

  BOOST_DESCRIBE_CLASS(shaped_matrix, (), (shape, data), (), ())
};

template <number_type T>
codec_steps::node shaped_matrix_node() {
  using form = shaped_matrix<T>;
  const field_info fields[] = {field<&form::shape>{.doc = "Rows and columns."},
                               field<&form::data>{.doc = "Elements, row by row."}};
  return wire_node(describe<form>(), fields);
}

template <number_type T>
result<void> read_rows(json_value& value, matrix<T>& out, arena& memory) {
  simdjson::ondemand::array rows;
  auto count = open_array(value.value, rows);
  if (!count) return std::move(count).error();
  out.rows = *count;
  std::size_t r = 0;
  for (auto element : rows) {
    simdjson::ondemand::value row;
    if (element.get(row)) return error{errc::invalid_json, "malformed array"};
    json_value opened{row, value.outline};
    auto cells = number_list::open(opened);
    if (!cells) return within(r, std::move(cells).error());
    const std::size_t cols = cells->size();
    if (r == 0) {
      out.cols = cols;
      if (cols != 0 && *count > std::numeric_limits<std::size_t>::max() / cols) {
        throw memory_limit_error(memory.limit_bytes());
      }
      out.data = memory.allocate<T>(*count * cols).data;
    } else if (cols != out.cols) {
      return within(r, refuse(errc::invalid_input,
                              "row of " + std::to_string(out.cols) + " numbers, as the first",
                              std::to_string(cols)));
    }
    auto read = cells->read(out.data + r * out.cols);
    if (!read) return within(r, std::move(read).error());
    ++r;
  }
  return {};
}

/// A matrix without elements may have rows or columns, but not so many that a loop over them is an
/// attack: nothing else in the request pays for them.
inline result<void> check_empty_shape(std::uint64_t rows, std::uint64_t cols) {
  constexpr std::uint64_t most = 1 << 20;
  if ((rows != 0 && cols != 0) || (rows <= most && cols <= most)) return {};
  return within("shape",
                within(std::size_t{cols > most},
                       refuse(errc::invalid_input, "at most " + std::to_string(most) + " beside 0",
                              std::to_string(std::max(rows, cols)))));
}

/// `{"shape":[rows,cols],"data":[…]}`, through the description of such a struct.
template <number_type T>
result<void> read_shaped(json_value& value, matrix<T>& out, arena& memory) {
  static const codec_steps::node form = shaped_matrix_node<T>();
  shaped_matrix<T> shaped;
  auto decoded = codec_steps::decode(form, value, &shaped, memory, nullptr);
  if (!decoded) return decoded;
  if (shaped.shape.size != 2) {
    return within("shape",
                  refuse(errc::invalid_input, "2 dimensions", std::to_string(shaped.shape.size)));
  }
  const std::uint64_t rows = shaped.shape[0], cols = shaped.shape[1];
  if (auto bounded = check_empty_shape(rows, cols); !bounded) return bounded;
  const bool fits = cols == 0 || rows <= std::numeric_limits<std::uint64_t>::max() / cols;
  if (!fits || rows * cols != shaped.data.size) {
    return within("data", refuse(errc::invalid_input,
                                 std::to_string(rows) + " × " + std::to_string(cols) + " numbers",
                                 std::to_string(shaped.data.size)));
  }
  out = {shaped.data.data, rows, cols};
  return {};
}

template <number_type T>
result<void> decode_matrix(const field_info& rules, json_value& value, matrix<T>& out,
                           arena& memory) {
  simdjson::ondemand::json_type type{};
  if (value.value.type().get(type)) return error{errc::invalid_json, "malformed value"};
  if (type == simdjson::ondemand::json_type::object) {
    if (auto read = read_shaped(value, out, memory); !read) return read;
    if (auto sized = check_size(rules, out.rows * out.cols); !sized) return sized;
    auto ranged = check_ranges<T>(rules, out.span());
    return ranged ? ranged : within("data", std::move(ranged).error());
  }
  if (type != simdjson::ondemand::json_type::array) {
    return refuse(errc::invalid_input, "rows of numbers, or an object with shape and data",
                  value.value);
  }
  if (auto read = read_rows(value, out, memory); !read) return read;
  if (auto sized = check_size(rules, out.rows * out.cols); !sized) return sized;
  for (std::size_t r = 0; r < out.rows; ++r) {
    auto ranged = check_ranges<T>(rules, out.row(r));
    if (!ranged) return within(r, std::move(ranged).error());
  }
  return {};
}

}  // namespace kernd
