#include "server/http/metrics.hpp"

#include "server/http/router.hpp"

#include <prometheus/metric_family.h>

#include <algorithm>
#include <cassert>
#include <utility>

namespace kernd::http {
namespace {

using kind = metric_family::kind;

/// `closed` was read before `opened`, so this is never below zero.
double open_of(std::uint64_t opened, std::uint64_t closed) {
  return static_cast<double>(opened - closed);
}

/// Precondition: `code` stands in the table of problems.
std::size_t problem_index(std::string_view code) {
  const auto kinds = problem_kinds();
  const auto found = std::ranges::find(kinds, code, &problem_kind::code);
  assert(found != kinds.end());
  return static_cast<std::size_t>(found - kinds.begin());
}

}  // namespace

void loop_metrics::request_finished(const finished_request& r) noexcept {
  series& s = series_[r.label * method_count + static_cast<std::size_t>(r.verb)];
  s.by_status[status_index(r.status)].add();
  s.duration.observe(http_duration_bounds, r.duration);
  if (!r.code.empty()) problems_[problem_index(r.code)].add();
  bytes_in_.add(r.bytes_in);
  bytes_out_.add(r.bytes_out);
  requests_finished_.add();
}

metrics::metrics(const router& routes, std::size_t loops, std::string name)
    : name_{std::move(name)} {
  for (const route& r : routes.routes()) {
    const auto known = std::find(labels_.begin(), labels_.end(), r.label);
    const auto label = static_cast<std::size_t>(known - labels_.begin());
    if (known == labels_.end()) labels_.push_back(r.label);
    label_of_route_.push_back(label);
    known_.push_back({label, r.verb, r.success});
    has_streams_ = has_streams_ || std::holds_alternative<stream_handlers>(r.handle);
  }
  labels_.emplace_back("unmatched");
  for (std::size_t i = 0; i < loops; ++i) {
    loops_.push_back(std::make_unique<loop_metrics>(labels_.size()));
  }
}

void metrics::collect(metric_families& out) const {
  const auto finished = sum(&loop_metrics::requests_finished_);
  const auto started = sum(&loop_metrics::requests_started_);
  const auto closed = sum(&loop_metrics::connections_closed_);
  const auto opened = sum(&loop_metrics::connections_opened_);

  collect_requests(out);
  collect_durations(out);
  collect_problems(out);
  if (has_streams_) collect_streams(out);
  metric_family{out, kind::gauge, (name_ + "_requests_in_flight").c_str(),
                "Requests being read, run or answered."}
      .add({}, open_of(started, finished));
  metric_family{out, kind::counter, (name_ + "_request_bytes_total").c_str(),
                "Bytes of requests received, heads included."}
      .add({}, static_cast<double>(sum(&loop_metrics::bytes_in_)));
  metric_family{out, kind::counter, (name_ + "_response_bytes_total").c_str(),
                "Bytes of responses sent, heads included."}
      .add({}, static_cast<double>(sum(&loop_metrics::bytes_out_)));
  metric_family{out, kind::gauge, (name_ + "_connections").c_str(), "Connections that are open."}
      .add({}, open_of(opened, closed));
  metric_family{out, kind::counter, (name_ + "_connections_accepted_total").c_str(),
                "Connections accepted."}
      .add({}, static_cast<double>(accepted_.value()));
  metric_family{out, kind::counter, (name_ + "_connections_rejected_total").c_str(),
                "Connections that were not served, by reason."}
      .add({{"reason", "connection_limit"}}, static_cast<double>(rejected_[0].value()))
      .add({{"reason", "accept_error"}}, static_cast<double>(rejected_[1].value()));
}

void metrics::collect_requests(metric_families& out) const {
  metric_family family{out, kind::counter, (name_ + "_requests_total").c_str(),
                       "Requests answered, by method, route and status."};
  for (std::size_t label = 0; label < labels_.size(); ++label) {
    for (std::size_t m = 0; m < method_count; ++m) {
      for (std::size_t i = 0; i < known_statuses.size(); ++i) {
        const unsigned status = known_statuses[i].status;
        const auto verb = static_cast<method>(m);
        std::uint64_t count = 0;
        for (const auto& loop : loops_) {
          count += loop->series_[label * method_count + m].by_status[i].value();
        }
        if (count == 0 && !starts_at_zero(label, verb, status)) continue;
        family.add({{"method", name_of(verb)},
                    {"route", labels_[label]},
                    {"code", std::to_string(status)}},
                   static_cast<double>(count));
      }
    }
  }
}

void metrics::collect_durations(metric_families& out) const {
  metric_family family{out, kind::histogram, (name_ + "_request_duration_seconds").c_str(),
                       "From a request's first byte to its answer's last."};
  for (std::size_t label = 0; label < labels_.size(); ++label) {
    for (std::size_t m = 0; m < method_count; ++m) {
      const auto verb = static_cast<method>(m);
      histogram_snapshot<http_duration_bounds.size()> merged;
      for (const auto& loop : loops_) {
        merged += loop->series_[label * method_count + m].duration.snapshot();
      }
      const bool is_empty = std::all_of(merged.counts.begin(), merged.counts.end(),
                                        [](std::uint64_t n) { return n == 0; });
      if (is_empty && !starts_at_zero(label, verb, 0)) continue;
      family.add({{"method", name_of(verb)}, {"route", labels_[label]}}, http_duration_bounds,
                 merged);
    }
  }
}

void metrics::collect_problems(metric_families& out) const {
  metric_family family{out, kind::counter, (name_ + "_problems_total").c_str(),
                       "Requests answered with a problem, by its code."};
  for (std::size_t i = 0; i < problem_count; ++i) {
    std::uint64_t count = 0;
    for (const auto& loop : loops_) count += loop->problems_[i].value();
    family.add({{"code", std::string{problem_kinds()[i].code}}}, static_cast<double>(count));
  }
}

void metrics::collect_streams(metric_families& out) const {
  using series = loop_metrics::stream_series;
  // Before what was opened, so that the gauge is never below zero.
  const auto closed = collect_stream_ends(out);
  {
    metric_family open{out, kind::gauge, (name_ + "_streams").c_str(), "Streams that are open."};
    for (std::size_t k = 0; k < stream_kinds.size(); ++k) {
      open.add({{"kind", stream_kinds[k]}}, open_of(sum_streams(k, &series::opened), closed[k]));
    }
  }
  metric_family messages{out, kind::counter, (name_ + "_stream_messages_total").c_str(),
                         "Messages of WebSockets, and events."};
  for (std::size_t k = 0; k < stream_kinds.size(); ++k) {
    const bool has_input = k == static_cast<std::size_t>(stream_kind::web_socket);
    if (has_input) {
      messages.add({{"kind", stream_kinds[k]}, {"direction", "in"}},
                   static_cast<double>(sum_streams(k, &series::received)));
    }
    messages.add({{"kind", stream_kinds[k]}, {"direction", "out"}},
                 static_cast<double>(sum_streams(k, &series::sent)));
  }
}

std::array<std::uint64_t, stream_kinds.size()> metrics::collect_stream_ends(
    metric_families& out) const {
  std::array<std::uint64_t, stream_kinds.size()> closed{};
  metric_family ends{out, kind::counter, (name_ + "_streams_ended_total").c_str(),
                     "Streams that have ended, by reason."};
  for (std::size_t k = 0; k < stream_kinds.size(); ++k) {
    for (std::size_t why = 0; why < stream_ends.size(); ++why) {
      std::uint64_t count = 0;
      for (const auto& loop : loops_) count += loop->streams_[k].ended[why].value();
      ends.add({{"kind", stream_kinds[k]}, {"reason", stream_ends[why]}},
               static_cast<double>(count));
      closed[k] += count;
    }
  }
  return closed;
}

std::uint64_t metrics::sum_streams(std::size_t kind,
                                   counter loop_metrics::stream_series::*which) const {
  std::uint64_t total = 0;
  for (const auto& loop : loops_) total += (loop->streams_[kind].*which).value();
  return total;
}

/// `status` 0 stands for any.
bool metrics::starts_at_zero(std::size_t label, method verb, unsigned status) const {
  return std::any_of(known_.begin(), known_.end(), [&](const known_series& k) {
    return k.label == label && k.verb == verb && (status == 0 || k.success == status);
  });
}

std::uint64_t metrics::sum(counter loop_metrics::*which) const {
  std::uint64_t total = 0;
  for (const auto& loop : loops_) total += (*loop.*which).value();
  return total;
}

}  // namespace kernd::http
