#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace kernd::load {

/// What the clients saw of one kind of request.
struct tally {
  std::uint64_t sent = 0;                        ///< Every one ends in one of the next three.
  std::map<std::string, std::uint64_t> answers;  ///< By status and code: `200`, `429 QUEUE_FULL`.
  std::uint64_t hung_up = 0;                     ///< Closed by the client before an answer came.
  std::uint64_t lost = 0;                        ///< Closed by the server without an answer.
  std::vector<std::uint32_t> microseconds;       ///< Of the 200s, from the moment they were due.

  void answered(const std::string& how, std::chrono::nanoseconds after) {
    ++answers[how];
    if (how != "200") return;
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(after).count();
    microseconds.push_back(static_cast<std::uint32_t>(us));
  }
};

/// As JSON: counts, and p50, p90, p99, p999 and max of the latencies. Sorts them.
std::string to_json(tally& counts);

}  // namespace kernd::load
