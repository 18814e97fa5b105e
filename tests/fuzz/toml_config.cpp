// Any text as a configuration file: refused with messages that say where, or accepted, printed and
// read back to the same values.

#include "kernd/config_loader.hpp"
#include "tests/fuzz/property.hpp"
#include "tests/fuzz/repeats.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace kernd {
namespace {

using fuzz::require;

/// A file in memory that the loader can open by its path.
class memory_file {
 public:
  memory_file() : descriptor_{::memfd_create("kernd-fuzz", MFD_CLOEXEC)} {
    require(descriptor_ >= 0, "there is a file to write to");
    path_ = "/proc/self/fd/" + std::to_string(descriptor_);
  }
  ~memory_file() { ::close(descriptor_); }
  memory_file(const memory_file&) = delete;
  memory_file& operator=(const memory_file&) = delete;

  const std::string& path() const { return path_; }
  void write(std::string_view text) const {
    const bool is_cut = ::ftruncate(descriptor_, 0) == 0;
    const auto written = ::pwrite(descriptor_, text.data(), text.size(), 0);
    require(is_cut && written == static_cast<ssize_t>(text.size()), "the file can be written");
  }

 private:
  int descriptor_;
  std::string path_;
};

/// Takes `:NUMBER` off `text`; 0 when there is none.
std::size_t take_number(std::string_view& text) {
  std::size_t number = 0;
  if (!text.starts_with(':')) return 0;
  const auto [end, failed] = std::from_chars(text.data() + 1, text.data() + text.size(), number);
  if (failed != std::errc{}) return 0;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

bool is_line(std::size_t line, std::string_view text) {
  const auto newlines = static_cast<std::size_t>(std::ranges::count(text, '\n'));
  return line >= 1 && line <= newlines + 1;
}

/// `PATH:LINE: …` or `PATH:LINE:COLUMN: not valid TOML: …`; a rule about two keys names the places
/// of both, of which one at least is in the file.
void check_message(std::string_view message, std::string_view path, std::string_view text) {
  const auto place = message.find(path);
  require(place != message.npos, "an error names the file", message);
  std::string_view rest = message.substr(place + path.size());
  require(is_line(take_number(rest), text), "an error names a line of the file", message);
  if (place == 0) {
    take_number(rest);
    require(rest.starts_with(": ") && rest.size() > 2, "an error says what is wrong", message);
  } else {
    require(message.find(" must not exceed ") != message.npos, "only rules speak of two places",
            message);
  }
}

void check_origins(const loaded_config& loaded, std::string_view path, std::string_view text) {
  for (const config_origin& origin : loaded.origins) {
    if (origin.layer == config_layer::defaults) continue;
    require(origin.layer == config_layer::file, "values come from the file", to_string(origin));
    std::string_view rest = origin.where;
    require(rest.starts_with(path), "an origin names the file", origin.where);
    rest.remove_prefix(path.size());
    require(is_line(take_number(rest), text) && rest.empty(), "an origin names a line",
            origin.where);
  }
}

void check(std::string_view text) {
  static const memory_file file;
  file.write(text);
  const auto loaded = load_config({.file = file.path()});
  if (!loaded) {
    const config_errors errors = loaded.error();
    require(!errors.messages.empty(), "a refusal has a reason");
    for (const std::string& message : errors.messages) check_message(message, file.path(), text);
    return;
  }
  check_origins(*loaded, file.path(), text);
  const std::string printed = to_toml(*loaded);
  file.write(printed);
  const auto again = load_config({.file = file.path()});
  require(again.has_value(), "what is printed is accepted", printed);
  require(again->values == loaded->values, "what is printed reads back to the same", printed);
}

}  // namespace
}  // namespace kernd

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kernd::check(kernd::fuzz::with_repeats({reinterpret_cast<const char*>(data), size}));
  return 0;
}
