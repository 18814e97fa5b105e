// Sends a mix of requests to a server and says what came of every one.
//
// Usage: kernd_load PORT CONNECTIONS SECONDS RATE < REQUESTS
// RATE in requests per second is an open loop, 0 a closed one. REQUESTS: see requests.hpp. Prints
// one JSON object: by kind, how many were sent, the answers by status and code, and the latencies.

#include "bench/load/client.hpp"

#include <boost/asio/co_spawn.hpp>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>

namespace {

using namespace kernd::load;
namespace asio = boost::asio;

void print(const std::vector<request_kind>& kinds, std::vector<tally>& tallies, double seconds) {
  std::printf("{\"seconds\":%.6f,\"kinds\":{", seconds);
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    std::printf("%s\"%s\":%s", i == 0 ? "" : ",", kinds[i].name.c_str(),
                to_json(tallies[i]).c_str());
  }
  std::puts("}}");
}

void run(unsigned short port, int connections, double seconds, double rate) {
  const auto kinds = read_requests(std::cin);
  std::vector<tally> tallies(kinds.size());
  asio::io_context io{1};
  const asio::ip::tcp::endpoint server{asio::ip::address_v4::loopback(), port};
  schedule plan{kinds, rate, std::chrono::duration<double>{seconds}};
  std::vector<std::unique_ptr<client>> clients;
  for (int i = 0; i < connections; ++i) {
    clients.push_back(std::make_unique<client>(io, server, plan, kinds, tallies));
    asio::co_spawn(io, clients.back()->run(), [](std::exception_ptr failure) {
      if (failure) std::rethrow_exception(failure);
    });
  }
  const auto start = schedule::clock::now();
  io.run();
  const std::chrono::duration<double> took = schedule::clock::now() - start;
  print(kinds, tallies, took.count());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fputs("kernd_load PORT CONNECTIONS SECONDS RATE < REQUESTS\n", stderr);
    return 2;
  }
  try {
    run(static_cast<unsigned short>(std::atoi(argv[1])), std::atoi(argv[2]), std::atof(argv[3]),
        std::atof(argv[4]));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "kernd_load: %s\n", e.what());
    return 1;
  }
  return 0;
}
