#include "server/http/listener.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>

namespace kernd::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// For file descriptors or memory to become free; trying at once would only spin.
constexpr std::chrono::milliseconds accept_pause{100};
/// Connections that are told of the limit at a time; more are closed without a word.
constexpr std::size_t most_turned_away = 64;

}  // namespace

listener::listener(std::vector<std::unique_ptr<event_loop>>& loops, const std::string& address,
                   std::uint16_t port)
    : loops_{loops}, home_{*loops.front()}, acceptor_{home_.io()} {
  const tcp::endpoint endpoint{asio::ip::make_address(address), port};
  acceptor_.open(endpoint.protocol());
  acceptor_.set_option(tcp::acceptor::reuse_address{true});
  acceptor_.bind(endpoint);
  acceptor_.listen();
}

void listener::accept() {
  if (!acceptor_.is_open()) return;
  go_on_after_pause();
  event_loop& target = *loops_[next_++ % loops_.size()];
  acceptor_.async_accept(target.io(), peer_,
                         [this, &target](const boost::system::error_code& ec, tcp_socket socket) {
                           on_accepted(ec, std::move(socket), target);
                         });
  pause_.cancel();
}

/// For whatever comes out of what follows: without it a lack of memory would be the end of
/// accepting.
void listener::go_on_after_pause() {
  home_.deadlines().arm(pause_, accept_pause);
}

void listener::close() {
  pause_.cancel();
  boost::system::error_code ignored;
  acceptor_.close(ignored);
}

void listener::on_accepted(const boost::system::error_code& ec, tcp_socket socket,
                           event_loop& target) {
  if (ec == asio::error::operation_aborted) return;
  go_on_after_pause();
  if (!ec) {
    hand_over(std::move(socket), target);
  } else if (ec != asio::error::connection_aborted) {
    home_.shared().counts.rejected(rejection::accept_error);
    return;
  }
  accept();
}

void listener::hand_over(tcp_socket socket, event_loop& target) {
  using kind = connection_census::kind;
  shared_state& shared = home_.shared();
  shared.counts.accepted();
  const bool is_over = shared.census.open(kind::served) >= home_.current().limits.max_connections;
  if (is_over) {
    shared.counts.rejected(rejection::connection_limit);
    if (shared.census.open(kind::turned_away) >= most_turned_away) return;
  }
  auto ticket = shared.census.admit(is_over ? kind::turned_away : kind::served);
  asio::dispatch(target.io(), [&target, is_over, peer = peer_, socket = std::move(socket),
                               ticket = std::move(ticket)]() mutable {
    const boost::intrusive_ptr<session> fresh{
        new session{target, std::move(socket), peer, std::move(ticket)}};
    is_over ? fresh->turn_away() : fresh->serve();
  });
}

}  // namespace kernd::http
