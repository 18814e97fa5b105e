#include "tests/fuzz/seed_file.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string_view>

namespace kernd::fuzz {
namespace {

/// Takes the escape behind a backslash off `text` and appends what it means; false for an unknown
/// one.
bool unescape(std::string_view& text, std::string& out) {
  if (text.empty()) return false;
  const char kind = text.front();
  text.remove_prefix(1);
  switch (kind) {
    case '\n':
      return true;
    case '\\':
      out += '\\';
      return true;
    case 'r':
      out += '\r';
      return true;
    case 'n':
      out += '\n';
      return true;
    case 't':
      out += '\t';
      return true;
    case 'x': {
      unsigned char byte = 0;
      const char* const end = text.data() + std::min<std::size_t>(2, text.size());
      if (std::from_chars(text.data(), end, byte, 16).ptr != text.data() + 2) return false;
      out += static_cast<char>(byte);
      text.remove_prefix(2);
      return true;
    }
    default:
      return false;
  }
}

}  // namespace

std::string read_seed(const std::filesystem::path& file) {
  std::ifstream stream{file, std::ios::binary};
  const std::string whole{std::istreambuf_iterator<char>{stream}, {}};
  if (!stream) throw std::runtime_error(file.string() + " cannot be read");
  std::string_view text = whole;
  if (text.ends_with('\n')) text.remove_suffix(1);
  std::string out;
  while (!text.empty()) {
    const auto plain = std::min(text.find('\\'), text.size());
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    text.remove_prefix(1);
    if (!unescape(text, out)) throw std::runtime_error(file.string() + " has an unknown escape");
  }
  return out;
}

std::vector<std::filesystem::path> seed_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    files.push_back(entry.path());
  }
  if (files.empty()) throw std::runtime_error(folder.string() + " has no files");
  std::ranges::sort(files);
  return files;
}

}  // namespace kernd::fuzz
