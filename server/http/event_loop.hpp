#pragma once

#include "kernd/config.hpp"
#include "kernd/deadline_list.hpp"
#include "server/http/access_log.hpp"
#include "server/http/connection_census.hpp"
#include "server/http/cors.hpp"
#include "server/http/head.hpp"
#include "server/http/metrics.hpp"
#include "server/http/request_id.hpp"
#include "server/http/request_reader.hpp"
#include "server/http/router.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/intrusive/list.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace kernd::http {

/// A connection as its loop sees it.
class loop_member : public boost::intrusive::list_base_hook<
                        boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  /// The server stops: ends what would not end by itself, waiting for a request and streaming.
  virtual void go_away() = 0;

 protected:
  virtual ~loop_member() = default;
};

/// What a reload can change. Immutable.
struct settings {
  settings(const server_config& server, const limits_config& bounds)
      : cors{server.cors_enabled, server.cors_origins},
        limits{bounds},
        access_log{server.access_log} {}

  cors_policy cors;
  limits_config limits;
  bool access_log;
};

/// What all connections of the server share.
struct shared_state {
  const router& routes;
  const std::string thread_name;  ///< Before a loop's number.
  class metrics counts;
  class access_log* log;  ///< May be null.
  body_budget& bodies;
  connection_census census;
  std::atomic<bool> draining{false};   ///< Every response closes its connection.
  std::atomic<bool> ends_idle{false};  ///< No connection waits for another request.
};

/// One thread with its io_context and what the sessions on it share. Confined to that thread,
/// except where it says otherwise. Outlives its sessions.
class event_loop {
 public:
  event_loop(shared_state& shared, std::size_t index, std::shared_ptr<const settings> initial);
  ~event_loop();

  /// From any thread.
  boost::asio::io_context& io() noexcept { return io_; }
  /// From the owner's thread: runs the loop on its own thread, named after its index; ends it.
  void start();
  void stop();
  /// From any thread: the loop has turned within the `limit` up to `now`.
  bool is_alive(std::chrono::milliseconds limit,
                std::chrono::steady_clock::time_point now) const noexcept;

  shared_state& shared() noexcept { return shared_; }
  loop_metrics& counts() noexcept { return counts_; }
  deadline_list& deadlines() noexcept { return deadlines_; }
  request_id_source& request_ids() noexcept { return request_ids_; }
  std::string_view date();
  /// Valid until control returns to the loop.
  const settings& current() const noexcept { return *settings_; }
  void use(std::shared_ptr<const settings> fresh) noexcept { settings_ = std::move(fresh); }

  /// Until `member` is destroyed.
  void add(loop_member& member) { members_.push_back(member); }
  void end_idle();

 private:
  class heartbeat final : public deadline {
   public:
    explicit heartbeat(event_loop& loop) : loop_{loop} {}

   private:
    void expired() override { loop_.beat(); }
    event_loop& loop_;
  };

  void run();
  void beat();

  shared_state& shared_;
  loop_metrics& counts_;
  const std::size_t index_;
  std::shared_ptr<const settings> settings_;
  request_id_source request_ids_;
  date_cache dates_;
  std::atomic<std::chrono::steady_clock::rep> last_beat_{0};
  boost::intrusive::list<loop_member, boost::intrusive::constant_time_size<false>> members_;
  // Destroying it destroys the sessions, which use what is above.
  boost::asio::io_context io_{1};
  deadline_list& deadlines_ = deadline_list::of(io_);
  heartbeat heartbeat_{*this};
  std::thread thread_;
};

}  // namespace kernd::http
