#include "kernd/ring/runtime.hpp"

#include "src/ring/actor_implementation.hpp"
#include "src/ring/launch_rules.hpp"
#include "src/ring/services.hpp"

#include <algorithm>
#include <exception>
#include <limits>
#include <map>
#include <mutex>
#include <utility>

namespace kernd {
namespace {

using entry = actor_directory::entry;
using time_point = std::chrono::steady_clock::time_point;

constexpr std::size_t most_bytes_of_base = 64 - 11;  // leaves room for '.' and a number

}  // namespace

std::string_view name_of(delivery d) noexcept {
  switch (d) {
    case delivery::delivered:
      return "delivered";
    case delivery::pending:
      return "pending";
    case delivery::queue_full:
      return "queue_full";
    case delivery::not_found:
      return "not_found";
    case delivery::max_hops_exceeded:
      return "max_hops_exceeded";
  }
  return "";
}

class ring_runtime::implementation {
 public:
  implementation(const ring_config& options, logger* log)
      : services{std::make_shared<ring_services>(options, log)} {}

  result<entry> launch(const ring_kernel& kernel, std::string_view actor_id,
                       const launch_options& options);
  result<entry> start(const ring_kernel& kernel, std::string id, const launch_options& options);
  std::string free_id(std::string_view kernel_id);
  void forget(const entry& e);
  void join_abandoned();
  bool shutdown(time_point until);
  result<entry> receiver_of(std::uint32_t type);

  const std::shared_ptr<ring_services> services;
  std::mutex mutex;  // guards the rest
  std::uint64_t launched = 0;
  std::uint64_t next_name = 1;
  std::map<const ring_kernel*, actor_counters> of_gone;  // by kernel, once one was launched
  std::vector<entry> abandoned;                          // forgotten, but have not ended
};

ring_runtime::ring_runtime(const ring_config& options, logger* log)
    : implementation_{std::make_shared<implementation>(options, log)} {}

ring_runtime::~ring_runtime() {
  implementation_->shutdown(time_point::max());
  for (const auto& e : implementation_->services->actors.all()) e->join();
  for (const auto& e : implementation_->abandoned) e->join();
  implementation_->services->pool.stop();
  implementation_->services->actors.clear();
}

std::string ring_runtime::implementation::free_id(std::string_view kernel_id) {
  std::string base{kernel_id.substr(0, most_bytes_of_base)};
  std::replace(base.begin(), base.end(), '/', '.');
  std::string id;
  do {
    id = base + "." + std::to_string(next_name++);
  } while (services->actors.find(id));
  return id;
}

result<entry> ring_runtime::implementation::launch(const ring_kernel& kernel,
                                                   std::string_view actor_id,
                                                   const launch_options& options) {
  if (const auto good = check_launch(kernel, options); !good) return good.error();
  if (!actor_id.empty()) {
    if (const auto good = check_actor_id(actor_id); !good) return good.error();
  }
  std::lock_guard lock{mutex};
  if (!services->admits.load(std::memory_order_relaxed)) {
    return error{errc::service_unavailable, "draining: no new actors are launched"};
  }
  join_abandoned();
  if (services->actors.find(actor_id)) {
    return error{errc::already_exists, "there is an actor '" + std::string{actor_id} + "'"};
  }
  const auto most = services->options.max_actors;
  if (services->actors.size() + abandoned.size() >= most) {
    return error{
        errc::service_unavailable,
        (most == 1 ? "there is 1 actor" : "there are " + std::to_string(most) + " actors") +
            ", limit " + std::to_string(most)};
  }
  return start(kernel, actor_id.empty() ? free_id(kernel.info.id) : std::string{actor_id}, options);
}

result<entry> ring_runtime::implementation::start(const ring_kernel& kernel, std::string id,
                                                  const launch_options& options) {
  const auto number = services->actors.take_number();
  if (!number) return error{errc::service_unavailable, "all actor numbers have been given out"};
  const std::size_t bytes = launch_bytes(kernel, options);
  body_budget::lease memory;
  if (!services->memory.raise(memory, bytes)) {
    services->actors.give_back(*number);
    return error{errc::memory_exhausted, "actor '" + id + "' takes " + std::to_string(bytes) +
                                             " bytes; the actors have " +
                                             std::to_string(services->memory.used()) + " of " +
                                             std::to_string(services->memory.limit())};
  }
  try {
    // Its alignment would make one allocation with the count a line larger.
    const entry made{new actor::implementation{services, kernel, services->latencies[&kernel], id,
                                               *number, options, std::move(memory)}};
    made->begin();
    services->actors.add(made);
    ++launched;
    of_gone.try_emplace(&kernel);
    return made;
  } catch (const std::bad_alloc&) {
    services->actors.give_back(*number);
    return error{errc::memory_exhausted, "there is no memory for the actor"};
  } catch (const std::exception& e) {
    services->actors.give_back(*number);
    return error{errc::execution_failed, "actor '" + id + "' could not start", std::nullopt,
                 e.what()};
  }
}

void ring_runtime::implementation::forget(const entry& e) {
  std::lock_guard lock{mutex};
  if (services->actors.find(e->number()) != e) return;  // another was faster
  services->actors.remove(e);
  of_gone[&e->kernel()] += e->counters();
  if (!e->output().has_ended()) abandoned.push_back(e);
}

void ring_runtime::implementation::join_abandoned() {
  std::erase_if(abandoned, [](const entry& e) {
    const bool has_ended = e->output().has_ended();
    if (has_ended) e->join();
    return has_ended;
  });
}

bool ring_runtime::implementation::shutdown(time_point until) {
  std::vector<entry> all;
  {
    std::lock_guard lock{mutex};
    services->admits.store(false, std::memory_order_relaxed);
    all = abandoned;
  }
  for (const auto& e : services->actors.all()) all.push_back(e);
  for (const auto& e : all) e->request_end();
  bool have_ended = true;
  for (const auto& e : all) have_ended = e->output().wait_for_end(until) && have_ended;
  return have_ended;
}

/// Whom messages of `type` go to. That there is nobody is counted.
result<entry> ring_runtime::implementation::receiver_of(std::uint32_t type) {
  const auto id = services->routes.find(type);
  if (!id) {
    services->routes.count(&dispatch_metrics::unknown_type);
    return error{errc::unknown_message_type,
                 "no actor takes messages of type " + std::to_string(type)};
  }
  if (auto to = services->actors.find(*id)) return to;
  services->routes.count(&dispatch_metrics::delivery_errors);
  return error{errc::actor_not_found, "messages of type " + std::to_string(type) +
                                          " go to actor '" + *id + "', which does not exist"};
}

result<actor> ring_runtime::launch(const ring_kernel& k, std::string_view actor_id,
                                   const launch_options& options) {
  auto launched = implementation_->launch(k, actor_id, options);
  if (!launched) return launched.error();
  return actor{std::move(*launched)};
}

std::optional<actor> ring_runtime::find(std::string_view actor_id) const {
  auto found = implementation_->services->actors.find(actor_id);
  if (!found) return std::nullopt;
  return actor{std::move(found)};
}

std::optional<actor> ring_runtime::find(actor_number number) const {
  auto found = implementation_->services->actors.find(number);
  if (!found) return std::nullopt;
  return actor{std::move(found)};
}

std::vector<actor> ring_runtime::list() const {
  auto all = implementation_->services->actors.all();
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a->id() < b->id(); });
  std::vector<actor> found;
  found.reserve(all.size());
  for (auto& e : all) found.emplace_back(std::move(e));
  return found;
}

result<void> ring_runtime::remove(std::string_view actor_id, time_point until) {
  const auto found = implementation_->services->actors.find(actor_id);
  if (!found) {
    return error{errc::actor_not_found, "there is no actor '" + std::string{actor_id} + "'"};
  }
  found->request_end();
  const bool has_ended = found->output().wait_for_end(until);
  if (has_ended) found->join();
  implementation_->forget(found);
  if (has_ended) return {};
  return error{errc::execution_timeout,
               "actor '" + found->id() + "' handles a message that does not end; it is abandoned"};
}

std::optional<std::string> ring_runtime::set_route(std::uint32_t type, std::string actor_id) {
  return implementation_->services->routes.set(type, std::move(actor_id));
}
bool ring_runtime::remove_route(std::uint32_t type) {
  return implementation_->services->routes.remove(type);
}
std::optional<std::string> ring_runtime::route(std::uint32_t type) const {
  return implementation_->services->routes.find(type);
}
std::vector<std::pair<std::uint32_t, std::string>> ring_runtime::routes() const {
  return implementation_->services->routes.all();
}

result<actor> ring_runtime::resolve(std::uint32_t type) {
  auto to = implementation_->receiver_of(type);
  if (!to) return to.error();
  return actor{std::move(*to)};
}

void ring_runtime::count_dispatched(bool was_delivered) {
  implementation_->services->routes.count(was_delivered ? &dispatch_metrics::delivered
                                                        : &dispatch_metrics::delivery_errors);
}

result<receipt> ring_runtime::dispatch(const outgoing_message& m) {
  const auto to = implementation_->receiver_of(m.type);
  if (!to) return to.error();
  const auto sent = (*to)->send(m, actor::implementation::when_full::obey_without_waiting);
  count_dispatched(sent.has_value());
  if (!sent) return sent.error();
  return receipt{*sent, delivery::delivered, (*to)->id(), implementation_->services->clock.now()};
}

dispatch_metrics ring_runtime::dispatched() const {
  return implementation_->services->routes.counted();
}
void ring_runtime::reset_dispatch_metrics() {
  implementation_->services->routes.reset();
}

dead_letter_queue& ring_runtime::dead_letters() noexcept {
  return implementation_->services->dead_letters;
}
const dead_letter_queue& ring_runtime::dead_letters() const noexcept {
  return implementation_->services->dead_letters;
}

result<std::uint64_t> ring_runtime::replay(std::uint64_t dead_letter_id) {
  ring_services& s = *implementation_->services;
  auto letter = s.dead_letters.take(dead_letter_id);
  if (!letter) {
    return error{errc::not_found, "there is no dead letter " + std::to_string(dead_letter_id)};
  }
  const outgoing_message again{.type = letter->header.type,
                               .payload = letter->payload,
                               .priority = static_cast<message_priority>(letter->header.priority),
                               .source = letter->header.source};
  const auto to = s.actors.find(letter->actor_id);
  const std::string whom =
      letter->actor_id.empty()
          ? "it is not known whom dead letter " + std::to_string(dead_letter_id) + " was for"
          : "there is no actor '" + letter->actor_id + "'";
  auto sent = to ? to->send(again, actor::implementation::when_full::refuse)
                 : result<std::uint64_t>{error{errc::actor_not_found, whom}};
  if (!sent) s.dead_letters.put_back(std::move(*letter));
  return sent;
}

ring_metrics ring_runtime::metrics() const {
  ring_services& s = *implementation_->services;
  ring_metrics m;
  {
    std::lock_guard lock{implementation_->mutex};
    m.total_launched = implementation_->launched;
    for (const auto& [kernel, gone] : implementation_->of_gone) {
      m.messages_sent += gone.sent;
      m.messages_received += gone.emitted + gone.replied;
      m.messages_processed += gone.processed;
    }
  }
  for (const auto& e : s.actors.all()) {
    const actor_status now = e->status();
    const actor_counters& counters = now.counters;
    m.active_actors += now.state == actor_state::active;
    m.messages_sent += counters.sent;
    m.messages_received += counters.emitted + counters.replied;
    m.messages_processed += counters.processed;
    m.messages_in_flight += now.input_queue_depth;
    m.host_memory_bytes += e->host_bytes();
  }
  m.late_replies = s.late_replies.load(std::memory_order_relaxed);
  m.calls_waiting = s.calls.waiting();
  return m;
}

std::vector<ring_kernel_totals> ring_runtime::totals() const {
  std::map<const ring_kernel*, ring_kernel_totals> by_kernel;
  std::lock_guard lock{implementation_->mutex};  // so that none is gone between the two
  for (const auto& [kernel, gone] : implementation_->of_gone) {
    by_kernel[kernel] = {.kernel = kernel,
                         .counters = gone,
                         .calls = implementation_->services->latencies[kernel].snapshot()};
  }
  for (const auto& e : implementation_->services->actors.all()) {
    const actor_status now = e->status();
    ring_kernel_totals& t = by_kernel[&e->kernel()];
    ++t.actors;
    t.failed += now.state == actor_state::failed;
    t.input_depth += now.input_queue_depth;
    t.input_capacity += now.options.input_queue_capacity;
    t.output_depth += now.output_queue_depth;
    t.output_capacity += now.options.output_queue_capacity;
    t.counters += now.counters;
  }
  std::vector<ring_kernel_totals> all;
  for (const auto& [kernel, t] : by_kernel) all.push_back(t);
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return a.kernel->info.id < b.kernel->info.id; });
  return all;
}

void ring_runtime::drain() {
  implementation_->services->admits.store(false, std::memory_order_relaxed);
}

bool ring_runtime::shutdown(time_point until) {
  return implementation_->shutdown(until);
}

}  // namespace kernd
