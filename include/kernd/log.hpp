#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <variant>

namespace kernd {

enum class log_level : std::uint8_t { trace, debug, info, warn, error, critical };
inline constexpr std::array<std::string_view, 6> log_level_names = {"trace", "debug", "info",
                                                                    "warn",  "error", "critical"};
enum class log_format : std::uint8_t { text, json };
inline constexpr std::array<std::string_view, 2> log_format_names = {"text", "json"};

/// One named value of a log line.
struct log_field {
  std::string_view key;
  std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool> value;
};

/// Writes log lines to standard error, as text or as one JSON object per line. Never blocks on the
/// output: a background thread writes, and what it cannot keep up with is dropped, oldest first,
/// and counted. Lines that cannot be written, to a full disk say, are dropped and counted too.
/// Safe to call from any thread. Never give it a request body.
///
/// `2026-01-02T03:04:05.678Z info  message key=value key="quoted value"`
/// `{"ts":"2026-01-02T03:04:05.678Z","level":"info","msg":"message","key":"value"}`
///
/// Fields are not called `ts`, `level` or `msg`. Values over 2 KiB are cut.
class logger {
 public:
  /// `descriptor` is written to; it stays open while this object lives.
  logger(log_level level, log_format format, int descriptor = 2);
  /// Writes what is queued; bounded to about a second.
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
