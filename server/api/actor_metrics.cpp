#include "server/api/actor_metrics.hpp"

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace kernd::api {

namespace {

using kind = metric_family::kind;

struct outcome {
  std::string_view name;
  std::uint64_t actor_counters::*count;
};

constexpr std::array<outcome, 6> outcomes = {{{"processed", &actor_counters::processed},
                                              {"refused", &actor_counters::refused},
                                              {"expired", &actor_counters::expired},
                                              {"dead_lettered", &actor_counters::dead_lettered},
                                              {"terminated", &actor_counters::terminated},
                                              {"failed", &actor_counters::failed}}};

void collect_messages(metric_families& out, const std::vector<ring_kernel_totals>& all) {
  metric_family sent{out, kind::counter, "kernd_ring_messages_sent_total",
                     "Messages that actors' mailboxes took."};
  for (const auto& t : all) {
    sent.add({{"kernel", t.kernel->info.id}}, static_cast<double>(t.counters.sent));
  }
  metric_family ended{out, kind::counter, "kernd_ring_messages_total",
                      "What became of messages to actors; refused ones were never taken."};
  for (const auto& t : all) {
    for (const outcome& o : outcomes) {
      ended.add({{"kernel", t.kernel->info.id}, {"outcome", o.name}},
                static_cast<double>(t.counters.*o.count));
    }
  }
  metric_family output{out, kind::counter, "kernd_ring_output_total",
                       "Messages that actors gave away: replies to callers, events, and what they "
                       "sent each other."};
  for (const auto& t : all) {
    const std::string_view id = t.kernel->info.id;
    output.add({{"kernel", id}, {"kind", "reply"}}, static_cast<double>(t.counters.replied));
    output.add({{"kernel", id}, {"kind", "event"}}, static_cast<double>(t.counters.emitted));
    output.add({{"kernel", id}, {"kind", "forward"}}, static_cast<double>(t.counters.forwarded));
  }
  metric_family calls{out, kind::histogram, "kernd_ring_call_duration_seconds",
                      "From sending a call to its end: a reply, a failure, or that its caller gave "
                      "up, at its deadline say."};
  for (const auto& t : all) {
    calls.add({{"kernel", t.kernel->info.id}}, call_duration_bounds, t.calls);
  }
  metric_family restarts{out, kind::counter, "kernd_ring_restarts_total",
                         "Actors that were started anew after they had failed."};
  for (const auto& t : all) {
    restarts.add({{"kernel", t.kernel->info.id}}, static_cast<double>(t.counters.restarts));
  }
}

void collect_actors(metric_families& out, const std::vector<ring_kernel_totals>& all) {
  metric_family actors{out, kind::gauge, "kernd_ring_actors", "Actors that live."};
  for (const auto& t : all) {
    actors.add({{"kernel", t.kernel->info.id}}, static_cast<double>(t.actors));
  }
  metric_family failed{out, kind::gauge, "kernd_ring_actors_failed",
                       "Of those, the ones whose handler threw and that wait to be ended."};
  for (const auto& t : all) {
    failed.add({{"kernel", t.kernel->info.id}}, static_cast<double>(t.failed));
  }
  metric_family depth{out, kind::gauge, "kernd_ring_queue_messages",
                      "Messages in the actors' mailboxes (input) and logs (output)."};
  for (const auto& t : all) {
    const std::string_view id = t.kernel->info.id;
    depth.add({{"kernel", id}, {"queue", "input"}}, static_cast<double>(t.input_depth));
    depth.add({{"kernel", id}, {"queue", "output"}}, static_cast<double>(t.output_depth));
  }
  metric_family capacity{out, kind::gauge, "kernd_ring_queue_capacity_messages",
                         "What those could hold."};
  for (const auto& t : all) {
    const std::string_view id = t.kernel->info.id;
    capacity.add({{"kernel", id}, {"queue", "input"}}, static_cast<double>(t.input_capacity));
    capacity.add({{"kernel", id}, {"queue", "output"}}, static_cast<double>(t.output_capacity));
  }
}

std::string actors_in_words(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " actor" : " actors");
}

}  // namespace

void actor_metrics::collect(metric_families& out) const {
  const auto all = actors_.totals();
  collect_messages(out, all);
  collect_actors(out, all);
  const ring_metrics m = actors_.metrics();
  metric_family{out, kind::counter, "kernd_ring_actors_launched_total", "Actors ever launched."}
      .add({}, static_cast<double>(m.total_launched));
  metric_family{out, kind::counter, "kernd_ring_late_replies_total",
                "Replies that nobody waited for any more."}
      .add({}, static_cast<double>(m.late_replies));
  metric_family{out, kind::gauge, "kernd_ring_calls_waiting", "Calls that wait for a reply."}.add(
      {}, static_cast<double>(m.calls_waiting));
  metric_family{out, kind::gauge, "kernd_ring_memory_bytes", "Memory of actors and their queues."}
      .add({}, static_cast<double>(m.host_memory_bytes));
  const dead_letter_queue& letters = actors_.dead_letters();
  metric_family{out, kind::counter, "kernd_ring_dead_letters_total",
                "Messages that could not be delivered."}
      .add({}, static_cast<double>(letters.added()));
  metric_family{out, kind::counter, "kernd_ring_dead_letters_dropped_total",
                "Of those, the ones that made room for others."}
      .add({}, static_cast<double>(letters.dropped()));
  metric_family{out, kind::gauge, "kernd_ring_dead_letters", "Those that are kept."}.add(
      {}, static_cast<double>(letters.size()));
}

component_health actor_metrics::judge() const {
  std::size_t failed = 0, all = 0;
  for (const auto& t : actors_.totals()) {
    failed += t.failed;
    all += t.actors;
  }
  if (failed == 0) {
    return {"ring_runtime", health_status::healthy, actors_in_words(all)};
  }
  return {"ring_runtime", health_status::degraded,
          std::to_string(failed) + " of " + actors_in_words(all) +
              (failed == 1 ? " has failed" : " have failed")};
}

}  // namespace kernd::api
