#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <utility>

namespace kernd::http {

/// Counts the connections of all loops. Safe from any thread; outlives its tickets.
class connection_census {
 public:
  enum class kind { served, turned_away };

  /// Held by a connection while it is open. Move-only.
  class ticket {
   public:
    ticket(connection_census& census, kind which) : census_{&census}, kind_{which} {}
    ticket(ticket&& other) noexcept
        : census_{std::exchange(other.census_, nullptr)},
          kind_{other.kind_},
          finished_{other.finished_} {}
    ticket& operator=(ticket&&) = delete;
    ~ticket();
    /// All is said: the connection only waits for the client to close.
    void finish() noexcept;

   private:
    connection_census* census_;
    kind kind_;
    bool finished_ = false;
  };

  ticket admit(kind which);
  [[nodiscard]] std::size_t open(kind which) const;
  /// Blocks until every connection has finished or `timeout` has passed; true when all have.
  [[nodiscard]] bool wait_finished(std::chrono::milliseconds timeout);

 private:
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable all_finished_;
  std::size_t served_ = 0;
  std::size_t turned_away_ = 0;
  std::size_t unfinished_ = 0;
};

}  // namespace kernd::http
