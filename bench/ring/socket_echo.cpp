// A client of one WebSocket: keeps a window of echo messages under way, checks every reply and says
// how long it took. Arguments: port, path, messages, window.

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using clock_type = std::chrono::steady_clock;

std::string request(std::uint64_t value) {
  return R"({"type":"echo","payload":{"value":)" + std::to_string(value) + "}}";
}

bool answers(std::string_view reply, std::uint64_t value) {
  return reply.find("\"reply\"") != std::string_view::npos &&
         reply.find("\"value\":" + std::to_string(value) + ",") != std::string_view::npos;
}

double microseconds(const std::vector<std::int64_t>& sorted_ns, double share) {
  const auto last = static_cast<double>(sorted_ns.size() - 1);
  return static_cast<double>(sorted_ns[static_cast<std::size_t>(last * share)]) / 1e3;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 5) return 2;
  const auto port = static_cast<std::uint16_t>(std::strtoul(arguments[1], nullptr, 10));
  const std::uint64_t messages = std::strtoull(arguments[3], nullptr, 10);
  const std::uint64_t window = std::strtoull(arguments[4], nullptr, 10);

  asio::io_context loop;
  beast::websocket::stream<asio::ip::tcp::socket> socket{loop};
  socket.next_layer().connect({asio::ip::make_address("127.0.0.1"), port});
  socket.next_layer().set_option(asio::ip::tcp::no_delay{true});
  socket.handshake("127.0.0.1", arguments[2]);

  std::vector<clock_type::time_point> sent(messages);
  std::vector<std::int64_t> took_ns;
  took_ns.reserve(messages);
  std::uint64_t wrong = 0;
  beast::flat_buffer buffer;
  const auto began = clock_type::now();
  for (std::uint64_t next = 0, answered = 0; answered < messages;) {
    for (; next < messages && next - answered < window; ++next) {
      sent[next] = clock_type::now();
      socket.write(asio::buffer(request(next)));
    }
    socket.read(buffer);
    const std::string_view reply{static_cast<const char*>(buffer.data().data()), buffer.size()};
    wrong += !answers(reply, answered);
    took_ns.push_back((clock_type::now() - sent[answered]).count());
    buffer.clear();
    ++answered;
  }
  const double seconds = std::chrono::duration<double>(clock_type::now() - began).count();
  socket.close(beast::websocket::close_code::normal);

  std::sort(took_ns.begin(), took_ns.end());
  std::printf(
      "{\"messages\":%llu,\"seconds\":%.3f,\"wrong\":%llu,\"p50_us\":%.1f,\"p99_us\":%.1f,"
      "\"p999_us\":%.1f,\"max_us\":%.1f}\n",
      static_cast<unsigned long long>(messages), seconds, static_cast<unsigned long long>(wrong),
      microseconds(took_ns, 0.5), microseconds(took_ns, 0.99), microseconds(took_ns, 0.999),
      microseconds(took_ns, 1));
  return wrong == 0 ? 0 : 1;
}
