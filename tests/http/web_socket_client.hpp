#pragma once

#include "tests/http/client.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace kernd::test {

/// One frame as it came over the wire.
struct frame {
  unsigned opcode = 0;
  bool is_final = false;
  bool is_masked = false;
  std::string payload;

  /// Of a close frame; 0 when it has none.
  [[nodiscard]] unsigned close_code() const;
};

/// The client's end of a WebSocket, frame by frame. Waits as `client` does.
class web_socket_client {
 public:
  static constexpr unsigned text = 1, binary = 2, close = 8, ping = 9, pong = 10;

  /// The request that opens one.
  static std::string upgrade(std::string_view path, std::string_view headers = {});
  /// A frame as a client sends it.
  static std::string make_frame(unsigned opcode, std::string_view payload, bool is_final = true,
                                bool is_masked = true);
  static std::string make_close(unsigned code);

  /// Upgrades; throws unless the answer is 101.
  web_socket_client(client connection, std::string_view path);

  client& wire() { return wire_; }
  void send(std::string_view message) { wire_.send(make_frame(text, message)); }
  frame read();
  /// The text of the next frame, which is a text message; throws otherwise.
  std::string read_text();
  /// The code of the next frame, which is a close; throws otherwise.
  unsigned read_close();

 private:
  client wire_;
};

}  // namespace kernd::test
