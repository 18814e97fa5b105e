#pragma once

#include <boost/asio/execution_context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/set.hpp>

#include <chrono>

namespace kernd {

/// Something that happens unless it is cancelled in time. Confined to its loop's thread.
/// Destroying an armed deadline cancels it.
class deadline : public boost::intrusive::set_base_hook<
                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  using clock = std::chrono::steady_clock;

  deadline() = default;
  deadline(const deadline&) = delete;
  deadline& operator=(const deadline&) = delete;

  /// Never fires again until it is armed again.
  void cancel() noexcept { unlink(); }
  [[nodiscard]] bool armed() const noexcept { return is_linked(); }

 protected:
  virtual ~deadline() = default;

 private:
  friend class deadline_list;
  /// Called on the loop's thread, unarmed, at `expires_at_` or up to `deadline_list::resolution`
  /// later. May arm or destroy any deadline, this one included.
  virtual void expired() = 0;

  clock::time_point expires_at_;
  clock::time_point sorted_by_;  ///< Place in the list; never later than `expires_at_`.
};

/// All deadlines of one event loop behind one timer: moving a deadline to a later time is one
/// store, arming one among n costs log n pointer steps, and the timer is touched only when a
/// deadline is earlier than what it waits for.
/// A service of the io_context: `deadline_list::of(io)`. Confined to the loop's thread.
class deadline_list : public boost::asio::execution_context::service {
 public:
  static constexpr std::chrono::milliseconds resolution{1};
  static boost::asio::execution_context::id id;

  explicit deadline_list(boost::asio::execution_context& context);
  static deadline_list& of(boost::asio::io_context& io) {
    return boost::asio::use_service<deadline_list>(io);
  }

  /// Arms `d`, or moves it when it is armed. When it throws, for want of memory, `d` is armed but
  /// may be late until `resume` has returned.
  void arm(deadline& d, deadline::clock::time_point at);
  void arm(deadline& d, std::chrono::nanoseconds from_now) {
    arm(d, deadline::clock::now() + from_now);
  }
  /// After an exception came out of the loop, this class or what it called: goes on. Throws
  /// likewise.
  void resume();

 private:
  struct place {
    using type = deadline::clock::time_point;
    type operator()(const deadline& d) const noexcept { return d.sorted_by_; }
  };

  void shutdown() override;
  void insert(deadline& d);
  void wait_until(deadline::clock::time_point at);
  void fire();

  boost::intrusive::multiset<deadline, boost::intrusive::key_of_value<place>,
                             boost::intrusive::constant_time_size<false>>
      armed_;
  boost::asio::steady_timer timer_;
  deadline::clock::time_point waits_for_ = deadline::clock::time_point::max();
};

}  // namespace kernd
