#include "server/http/head.hpp"

#include "server/http/status.hpp"

#include <charconv>

namespace kernd::http {
namespace {

void append_number(std::string& out, std::size_t value) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, static_cast<std::size_t>(end - digits));
}

void append_line(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  for (const char c : value) {
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  }
  out += "\r\n";
}

}  // namespace

std::string_view date_cache::at(std::time_t now) {
  constexpr std::size_t length = 29;
  if (now != made_for_) {
    // Not strftime: names of days and months must not follow the locale.
    static constexpr char days[] = "SunMonTueWedThuFriSat";
    static constexpr char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    std::tm t{};
    gmtime_r(&now, &t);
    std::snprintf(text_, sizeof text_, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT",
                  days + 3 * t.tm_wday, static_cast<unsigned>(t.tm_mday) % 100u,
                  months + 3 * t.tm_mon, static_cast<unsigned>(t.tm_year + 1900) % 10000u,
                  static_cast<unsigned>(t.tm_hour) % 100u, static_cast<unsigned>(t.tm_min) % 100u,
                  static_cast<unsigned>(t.tm_sec) % 100u);
    made_for_ = now;
  }
  return {text_, length};
}

std::size_t body_size(const response& r) noexcept {
  return r.body[0].size() + r.body[1].size() + r.body[2].size();
}

void write_head(std::string& out, const response& r, const head_context& context) {
  out = "HTTP/1.1 ";
  append_number(out, r.status);
  out += ' ';
  out += known_statuses[status_index(r.status)].reason;
  out += "\r\nDate: ";
  out += context.date;
  if (r.status != 204) {
    out += "\r\nContent-Type: ";
    out += r.content_type;
    if (context.body == head_context::framing::length) {
      out += "\r\nContent-Length: ";
      append_number(out, body_size(r));
    } else if (context.body == head_context::framing::chunks) {
      out += "\r\nTransfer-Encoding: chunked";
    }
  }
  out += "\r\nX-Request-ID: ";
  out += context.request_id;
  out += "\r\n";
  for (const auto& [name, value] : r.headers) append_line(out, name, value);
  if (context.cors != nullptr) context.cors->write(out, context.origin, context.preflight);
  if (context.connection == head_context::persistence::close) {
    out += "Connection: close\r\n";
  } else if (context.connection == head_context::persistence::keep_alive) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
}

}  // namespace kernd::http
