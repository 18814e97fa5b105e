#include "server/cli_table.hpp"

#include <algorithm>
#include <cstddef>
#include <ostream>
#include <utility>

namespace kernd::cli {
namespace {

/// Characters, not bytes; good enough for units such as µs.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

}  // namespace

text_table::text_table(std::vector<std::string> heading, std::string_view indent)
    : indent_{indent}, has_heading_{!heading.empty()} {
  if (has_heading_) rows_.push_back(std::move(heading));
}

void text_table::add(std::vector<std::string> row) {
  rows_.push_back(std::move(row));
}

void text_table::print(std::ostream& out) const {
  std::vector<std::size_t> widths;
  std::vector<bool> used;
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    const auto& row = rows_[r];
    widths.resize(std::max(widths.size(), row.size()));
    used.resize(widths.size());
    for (std::size_t c = 0; c < row.size(); ++c) {
      widths[c] = std::max(widths[c], width_of(row[c]));
      if (!row[c].empty() && !(has_heading_ && r == 0)) used[c] = true;
    }
  }
  for (const auto& row : rows_) {
    std::string line = indent_;
    for (std::size_t c = 0; c < row.size(); ++c) {
      if (used[c]) line += row[c] + std::string(widths[c] - width_of(row[c]) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
  }
}

}  // namespace kernd::cli
