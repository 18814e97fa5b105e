#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <variant>

namespace kernd {

enum class log_level : std::uint8_t { trace, debug, info, warn, error, critical };
enum class log_format : std::uint8_t { text, json };

/// One named value of a log line.
struct log_field {
  std::string_view key;
  std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool> value;
};

/// Writes log lines to standard error, as text or as one JSON object per line. Never blocks on the
/// output: a background thread writes, and what it cannot keep up with is dropped and counted.
/// Safe to call from any thread. Never give it a request body.
class logger {
 public:
  logger(log_level level, log_format format);
  /// Writes what is queued.
  ~logger();
  logger(const logger&) = delete;
  logger& operator=(const logger&) = delete;

  [[nodiscard]] bool enabled(log_level level) const noexcept;
  void write(log_level level, std::string_view message,
             std::initializer_list<log_field> fields = {}) noexcept;

  void debug(std::string_view m, std::initializer_list<log_field> f = {}) noexcept {
    write(log_level::debug, m, f);
  }
  void info(std::string_view m, std::initializer_list<log_field> f = {}) noexcept {
    write(log_level::info, m, f);
  }
  void warn(std::string_view m, std::initializer_list<log_field> f = {}) noexcept {
    write(log_level::warn, m, f);
  }
  void error(std::string_view m, std::initializer_list<log_field> f = {}) noexcept {
    write(log_level::error, m, f);
  }

  void set_level(log_level level) noexcept;
  void set_format(log_format format) noexcept;
  /// Lines dropped since the start.
  [[nodiscard]] std::uint64_t dropped() const noexcept;
  /// Blocks until what was written so far is out; bounded to about a second.
  void flush() noexcept;

 private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

}  // namespace kernd
