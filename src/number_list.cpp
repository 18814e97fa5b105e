#include "src/number_list.hpp"

#include "kernd/parallel.hpp"

#include <atomic>

namespace kernd {

namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::size_t piece_bytes = 32 * 1024;  // its text, index and numbers fit the second cache
constexpr std::size_t pieces_per_range = 4;     // for which one parser is made

/// Reads pieces, each as a document of its own.
class piece_reader {
 public:
  template <number_type T>
  bool read(std::string_view piece, T* out, std::size_t size) {
    document_.clear();
    document_.push_back('[');
    document_.append(piece);
    document_.push_back(']');
    ondemand::document opened;
    ondemand::array elements;
    const auto failure = open_document(parser_, document_.view(), opened);
    if (failure || opened.get_array().get(elements)) return false;
    return read_elements(elements, out, size).has_value();
  }

 private:
  ondemand::parser parser_;
  text_buffer document_;
};

/// In strides whose sum fits a byte, of which the compiler compares many bytes at a time.
std::size_t count_commas(std::string_view text) {
  constexpr std::size_t stride = 128;
  std::size_t sum = 0, at = 0;
  for (; at + stride <= text.size(); at += stride) {
    unsigned char commas = 0;
    for (std::size_t i = 0; i < stride; ++i) {
      commas = static_cast<unsigned char>(commas + (text[at + i] == ','));
    }
    sum += commas;
  }
  for (; at < text.size(); ++at) sum += text[at] == ',' ? 1 : 0;
  return sum;
}

}  // namespace

std::vector<number_list::piece> number_list::cut(std::string_view inside) {
  std::vector<piece> pieces;
  while (inside.size() > piece_bytes) {
    const std::size_t comma = inside.find(',', piece_bytes);
    if (comma == inside.npos) break;
    pieces.push_back({inside.substr(0, comma), 0, 0});
    inside.remove_prefix(comma + 1);
  }
  pieces.push_back({inside, 0, 0});
  return pieces;
}

/// By the commas: wrong only for what is no list of numbers, as reading it shows.
std::size_t number_list::count(std::vector<piece>& pieces) {
  parallel_for(pieces.size(), pieces_per_range, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i != end; ++i) {
      pieces[i].size = count_commas(pieces[i].text) + 1;
    }
  });
  std::size_t sum = 0;
  for (piece& p : pieces) {
    p.first = sum;
    sum += p.size;
  }
  return sum;
}

result<number_list> number_list::open(json_value& value) {
  number_list list;
  if (value.outline != nullptr) {
    const auto inside =
        value.outline->long_array_at(ondemand::value{value.value}.raw_json_token().data());
    if (inside) {
      list.pieces_ = cut(*inside);
      list.size_ = count(list.pieces_);
      return list;
    }
  }
  auto size = open_array(value.value, list.elements_);
  if (!size) return std::move(size).error();
  list.size_ = *size;
  return list;
}

template <number_type T>
result<void> number_list::read(T* out) {
  if (pieces_.empty()) return read_elements(elements_, out, size_);
  std::atomic<bool> failed{false};  // relaxed: the end of the loop orders it
  parallel_for(pieces_.size(), pieces_per_range, [&](std::size_t begin, std::size_t end) {
    piece_reader reader;
    for (std::size_t i = begin; i != end && !failed.load(std::memory_order_relaxed); ++i) {
      const piece& p = pieces_[i];
      if (!reader.read(p.text, out + p.first, p.size)) {
        failed.store(true, std::memory_order_relaxed);
      }
    }
  });
  if (failed.load(std::memory_order_relaxed)) return error{errc::invalid_json, "malformed array"};
  return {};
}

template result<void> number_list::read(float*);
template result<void> number_list::read(double*);
template result<void> number_list::read(std::int32_t*);
template result<void> number_list::read(std::int64_t*);
template result<void> number_list::read(std::uint32_t*);
template result<void> number_list::read(std::uint64_t*);
template result<void> number_list::read(std::uint8_t*);

}  // namespace kernd
