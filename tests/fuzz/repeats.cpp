#include "tests/fuzz/repeats.hpp"

#include <algorithm>

namespace kernd::fuzz {

std::string with_repeats(std::string_view text) {
  constexpr int most = 3;
  std::string out;
  for (int repeats = 0; repeats < most; ++repeats) {
    const auto open = text.find('`');
    const auto close = open == text.npos ? open : text.find('`', open + 1);
    if (close == text.npos || close == open + 1) break;
    out += text.substr(0, open);
    const std::string_view again = text.substr(open + 1, close - open - 1);
    const std::size_t begin = out.size();
    const std::size_t end = begin + repeated_bytes / again.size() * again.size();
    out += again;
    while (out.size() < end) {
      out.append(out, begin, std::min(out.size() - begin, end - out.size()));
    }
    text.remove_prefix(close + 1);
  }
  return out += text;
}

}  // namespace kernd::fuzz
