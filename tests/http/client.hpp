#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kernd::test {

/// One answer as it came over the wire.
struct reply {
  int status = 0;
  std::string status_line;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  /// Empty when absent.
  std::string header(std::string_view name) const;
  bool has(std::string_view name) const;
};

/// A blocking TCP client that sees every byte. Whatever it waits for comes within 5 s, or it
/// throws.
class client {
 public:
  explicit client(std::uint16_t port, const std::string& host = "127.0.0.1");
  ~client();
  client(client&& other) noexcept
      : socket_{std::exchange(other.socket_, -1)}, received_{std::move(other.received_)} {}
  client& operator=(client&&) = delete;

  void send(std::string_view bytes);
  /// Sends as much as the other side takes before it closes or resets.
  void send_until_refused(std::string_view bytes);
  /// One whole answer. `to_head`: it answers HEAD, so no body follows.
  reply read_reply(bool to_head = false);
  reply ask(std::string_view bytes) {
    send(bytes);
    return read_reply();
  }
  std::string read_exactly(std::size_t bytes);
  /// The other side closes without another byte.
  bool is_closed();
  /// Says that nothing more will be sent.
  void finish_sending();
  /// Closes with a reset.
  void reset();
  void close();
  void set_receive_buffer(int bytes);

 private:
  bool fill();
  std::string take_line();

  int socket_ = -1;
  std::string received_;
};

}  // namespace kernd::test
