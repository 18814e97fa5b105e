#pragma once

#include "kernd/exposition.hpp"
#include "kernd/metrics.hpp"
#include "server/http/problem.hpp"
#include "server/http/request.hpp"
#include "server/http/status.hpp"
#include "server/http/stream_kinds.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kernd::http {

class router;

/// What one event loop counts. Its thread alone writes; any thread reads.
class loop_metrics {
 public:
  struct finished_request {
    std::size_t label;  ///< Of `metrics::label_of` or `metrics::unmatched`.
    method verb;
    unsigned status;
    std::string_view code;  ///< Of the problem; empty when there was none.
    std::chrono::nanoseconds duration;
    std::uint64_t bytes_in;
    std::uint64_t bytes_out;
  };

  explicit loop_metrics(std::size_t labels) : series_(labels * method_count) {}

  void request_started() noexcept { requests_started_.add(); }
  void request_finished(const finished_request& r) noexcept;
  void connection_opened() noexcept { connections_opened_.add(); }
  void connection_closed() noexcept { connections_closed_.add(); }
  void stream_opened(stream_kind kind) noexcept { of(kind).opened.add(); }
  void stream_ended(stream_kind kind, stream_end why) noexcept {
    of(kind).ended[static_cast<std::size_t>(why)].add();
  }
  void message_received(stream_kind kind) noexcept { of(kind).received.add(); }
  void message_sent(stream_kind kind) noexcept { of(kind).sent.add(); }

 private:
  friend class metrics;
  using duration_histogram = histogram<http_duration_bounds.size()>;
  struct series {
    std::array<counter, known_statuses.size()> by_status;
    duration_histogram duration;
  };
  struct stream_series {
    counter opened;
    std::array<counter, stream_ends.size()> ended;
    counter received;
    counter sent;
  };

  stream_series& of(stream_kind kind) noexcept { return streams_[static_cast<std::size_t>(kind)]; }

  std::vector<series> series_;                   ///< Label by label, method by method.
  std::array<counter, problem_count> problems_;  ///< By `errc`.
  counter requests_started_;
  counter requests_finished_;
  counter bytes_in_;
  counter bytes_out_;
  counter connections_opened_;
  counter connections_closed_;
  std::array<stream_series, stream_kinds.size()> streams_;
};

/// Why the listener did not serve a connection.
enum class rejection : std::uint8_t { connection_limit, accept_error };

/// What the front end counts, over all loops. Everything is allocated here, before serving.
class metrics {
 public:
  /// `routes` is filled and outlives this; every metric's name begins with `name`.
  metrics(const router& routes, std::size_t loops, std::string name = "kernd_http");

  loop_metrics& of_loop(std::size_t index) noexcept { return *loops_[index]; }
  /// The label of route number `route_index`.
  std::size_t label_of(std::size_t route_index) const noexcept {
    return label_of_route_[route_index];
  }
  /// The label of requests that reached no route.
  std::size_t unmatched() const noexcept { return labels_.size() - 1; }
  const std::string& text_of(std::size_t label) const noexcept { return labels_[label]; }

  /// For the listener's thread alone.
  void accepted() noexcept { accepted_.add(); }
  void rejected(rejection why) noexcept { rejected_[static_cast<std::size_t>(why)].add(); }

  /// For `exposition`. Any thread.
  void collect(metric_families& out) const;

 private:
  struct known_series {
    std::size_t label;
    method verb;
    unsigned success;
  };

  bool starts_at_zero(std::size_t label, method verb, unsigned status) const;
  void collect_requests(metric_families& out) const;
  void collect_durations(metric_families& out) const;
  void collect_problems(metric_families& out) const;
  void collect_streams(metric_families& out) const;
  /// Returns how many of each kind.
  std::array<std::uint64_t, stream_kinds.size()> collect_stream_ends(metric_families& out) const;
  std::uint64_t sum_streams(std::size_t kind, counter loop_metrics::stream_series::*which) const;
  std::uint64_t sum(counter loop_metrics::*which) const;

  const std::string name_;
  std::vector<std::string> labels_;
  std::vector<std::size_t> label_of_route_;
  std::vector<known_series> known_;
  std::vector<std::unique_ptr<loop_metrics>> loops_;
  bool has_streams_ = false;
  counter accepted_;
  std::array<counter, 2> rejected_;
};

}  // namespace kernd::http
