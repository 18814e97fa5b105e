#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace kernd::cli {

/// Prints rows in aligned columns, two spaces apart. Columns that are empty in every row but the
/// heading are left out; nothing follows the last text of a line.
class text_table {
 public:
  /// `heading` may be empty; `indent` comes before every line.
  explicit text_table(std::vector<std::string> heading = {}, std::string_view indent = {});

  void add(std::vector<std::string> row);
  void print(std::ostream& out) const;

 private:
  std::vector<std::vector<std::string>> rows_;
  std::string indent_;
  bool has_heading_;
};

}  // namespace kernd::cli
