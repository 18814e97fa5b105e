#include "tests/http/web_socket_client.hpp"

#include <array>
#include <stdexcept>

namespace kernd::test {
namespace {

constexpr std::array<char, 4> mask = {'\x12', '\x34', '\x56', '\x78'};

void append_number(std::string& out, std::uint64_t value, unsigned bytes) {
  while (bytes-- != 0) out.push_back(static_cast<char>(value >> (8 * bytes)));
}

std::uint64_t number_of(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

}  // namespace

unsigned frame::close_code() const {
  return static_cast<unsigned>(number_of(std::string_view{payload}.substr(0, 2)));
}

std::string web_socket_client::upgrade(std::string_view path, std::string_view headers) {
  return std::string{"GET "}
      .append(path)
      .append(
          " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")
      .append(headers)
      .append("\r\n");
}

std::string web_socket_client::make_frame(unsigned opcode, std::string_view payload, bool is_final,
                                          bool is_masked) {
  std::string bytes;
  bytes.push_back(static_cast<char>((is_final ? 0x80u : 0u) | opcode));
  const unsigned mask_bit = is_masked ? 0x80u : 0u;
  if (payload.size() < 126) {
    bytes.push_back(static_cast<char>(mask_bit | payload.size()));
  } else {
    const bool is_long = payload.size() > 0xffff;
    bytes.push_back(static_cast<char>(mask_bit | (is_long ? 127u : 126u)));
    append_number(bytes, payload.size(), is_long ? 8 : 2);
  }
  if (!is_masked) return bytes.append(payload);
  bytes.append(mask.data(), mask.size());
  for (std::size_t i = 0; i < payload.size(); ++i) {
    bytes.push_back(static_cast<char>(payload[i] ^ mask[i % mask.size()]));
  }
  return bytes;
}

std::string web_socket_client::make_close(unsigned code) {
  std::string payload;
  append_number(payload, code, 2);
  return make_frame(close, payload);
}

web_socket_client::web_socket_client(client connection, std::string_view path)
    : wire_{std::move(connection)} {
  const reply r = wire_.ask(upgrade(path));
  if (r.status != 101) throw std::runtime_error("no upgrade: " + r.status_line + r.body);
}

frame web_socket_client::read() {
  const std::string head = wire_.read_exactly(2);
  const auto first = static_cast<unsigned char>(head[0]);
  const auto second = static_cast<unsigned char>(head[1]);
  frame f{first & 0x0fu, (first & 0x80u) != 0, (second & 0x80u) != 0, {}};
  std::uint64_t size = second & 0x7fu;
  if (size >= 126) size = number_of(wire_.read_exactly(size == 126 ? 2 : 8));
  f.payload = wire_.read_exactly(size);
  return f;
}

std::string web_socket_client::read_text() {
  frame f = read();
  if (f.opcode != text) {
    throw std::runtime_error("no text but opcode " + std::to_string(f.opcode) + ", close code " +
                             std::to_string(f.close_code()));
  }
  return std::move(f.payload);
}

unsigned web_socket_client::read_close() {
  const frame f = read();
  if (f.opcode != close) throw std::runtime_error("no close but: " + f.payload);
  return f.close_code();
}

}  // namespace kernd::test
