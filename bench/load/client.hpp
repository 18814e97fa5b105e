#pragma once

#include "bench/load/requests.hpp"
#include "bench/load/tally.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace kernd::load {

/// Which request is due when. All clients take from one: an open loop sends at its rate whatever
/// the answers do, so a slow server cannot slow down what is asked of it; a request that finds no
/// free client is late, and its lateness counts as latency.
class schedule {
 public:
  using clock = std::chrono::steady_clock;

  struct ticket {
    std::size_t kind;
    std::optional<clock::time_point> due;  ///< None: at once, in a closed loop.
  };

  /// `rate` in requests per second; 0 is a closed loop. Starts now.
  schedule(const std::vector<request_kind>& kinds, double rate,
           std::chrono::duration<double> length);

  /// The next one; none when the time is over. Kinds come in turns, as their weights say.
  std::optional<ticket> next();

 private:
  std::vector<std::size_t> turns_;  // a kind as often as it weighs, spread evenly
  std::chrono::duration<double> between_;
  clock::time_point start_ = clock::now();
  clock::time_point end_;
  std::size_t taken_ = 0;
};

/// One connection, opened when there is something to send and none is open. Confined to the thread
/// of `io`; everything given outlives it.
class client {
 public:
  client(boost::asio::io_context& io, boost::asio::ip::tcp::endpoint server, schedule& plan,
         const std::vector<request_kind>& kinds, std::vector<tally>& tallies)
      : io_{io}, server_{std::move(server)}, plan_{plan}, kinds_{kinds}, tallies_{tallies} {}

  /// Sends until the schedule ends.
  boost::asio::awaitable<void> run();

 private:
  using tcp = boost::asio::ip::tcp;
  struct answer {
    std::string how;  ///< Status, and the problem's code when there is one; empty: none came.
    bool closes = false;
  };

  boost::asio::awaitable<bool> connect();
  boost::asio::awaitable<void> send(const request_kind& kind);
  boost::asio::awaitable<answer> read_answer(bool has_body);
  boost::asio::awaitable<void> one(schedule::ticket due);

  boost::asio::io_context& io_;
  tcp::endpoint server_;
  schedule& plan_;
  const std::vector<request_kind>& kinds_;
  std::vector<tally>& tallies_;
  tcp::socket socket_{io_};
  boost::asio::steady_timer pause_{io_};
  boost::asio::steady_timer hang_up_{io_};
  std::string received_;
  bool hung_up_ = false;
};

}  // namespace kernd::load
