#include "server/api/parameters.hpp"

#include <charconv>
#include <string>

namespace kernd::api {

namespace {

constexpr std::size_t longest_shown = 40;

error refuse_parameter(std::string_view name, const std::string& expected, std::string_view found) {
  return {errc::invalid_request, std::string{name} + ": " + expected + " expected, found '" +
                                     std::string{found.substr(0, longest_shown)} + "'"};
}

}  // namespace

std::optional<std::int64_t> read_integer(std::string_view text, std::int64_t min,
                                         std::int64_t max) {
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
  if (!whole || value < min || value > max) return std::nullopt;
  return value;
}

result<std::optional<std::int64_t>> read_integer_header(const http::request& req,
                                                        std::string_view name, std::int64_t min,
                                                        std::int64_t max) {
  if (!req.has_header(name)) return std::optional<std::int64_t>{};
  const std::string_view text = req.header(name);
  const auto value = read_integer(text, min, max);
  if (value) return value;
  return refuse_parameter(
      name, "integer from " + std::to_string(min) + " to " + std::to_string(max), text);
}

result<kernel_mode> read_mode(std::string_view text) {
  if (text == "batch" || text == "Batch") return kernel_mode::batch;
  if (text == "ring" || text == "Ring") return kernel_mode::ring;
  return refuse_parameter("mode", "batch or ring", text);
}

}  // namespace kernd::api
