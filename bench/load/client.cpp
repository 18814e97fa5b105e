#include "bench/load/client.hpp"

#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <string_view>
#include <utility>

namespace kernd::load {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

/// Each kind as often as it weighs, and no two of the same in a row where that can be.
std::vector<std::size_t> turns_of(const std::vector<request_kind>& kinds) {
  std::vector<std::pair<double, std::size_t>> at;
  for (std::size_t k = 0; k < kinds.size(); ++k) {
    for (std::size_t i = 0; i < kinds[k].weight; ++i) {
      at.emplace_back((static_cast<double>(i) + 0.5) / static_cast<double>(kinds[k].weight), k);
    }
  }
  std::ranges::sort(at);
  std::vector<std::size_t> turns;
  for (const auto& [where, kind] : at) turns.push_back(kind);
  return turns;
}

/// The value of a header field in a head, as its first number; 0 when it is not there.
std::size_t number_of(std::string_view lower_head, std::string_view name) {
  const auto at = lower_head.find(name);
  if (at == std::string_view::npos) return 0;
  std::size_t value = 0;
  std::from_chars(lower_head.data() + at + name.size(), lower_head.data() + lower_head.size(),
                  value);
  return value;
}

/// What stands behind `"code":"` in a problem.
std::string code_of(std::string_view body) {
  constexpr std::string_view before = R"("code":")";
  const auto at = body.find(before);
  if (at == std::string_view::npos) return {};
  const auto rest = body.substr(at + before.size());
  return " " + std::string{rest.substr(0, rest.find('"'))};
}

}  // namespace

schedule::schedule(const std::vector<request_kind>& kinds, double rate,
                   std::chrono::duration<double> length)
    : turns_{turns_of(kinds)},
      between_{rate > 0 ? 1 / rate : 0},
      end_{start_ + std::chrono::duration_cast<clock::duration>(length)} {}

std::optional<schedule::ticket> schedule::next() {
  const std::size_t number = taken_++;
  const std::size_t kind = turns_[number % turns_.size()];
  if (between_.count() == 0) {
    if (clock::now() >= end_) return std::nullopt;
    return ticket{kind, std::nullopt};
  }
  const auto offset = between_ * static_cast<double>(number);
  const auto due = start_ + std::chrono::duration_cast<clock::duration>(offset);
  if (due >= end_) return std::nullopt;
  return ticket{kind, due};
}

asio::awaitable<void> client::run() {
  while (const auto due = plan_.next()) {
    if (due->due) {
      pause_.expires_at(*due->due);
      co_await pause_.async_wait(asio::use_awaitable);
    }
    auto sending = one(*due);
    co_await std::move(sending);
  }
}

asio::awaitable<bool> client::connect() {
  error_code ec;
  received_.clear();
  socket_ = tcp::socket{io_};
  co_await socket_.async_connect(server_, asio::redirect_error(asio::use_awaitable, ec));
  if (ec) {
    error_code ignored;
    socket_.close(ignored);
    co_return false;
  }
  socket_.set_option(tcp::no_delay{true});
  co_return true;
}

asio::awaitable<void> client::send(const request_kind& kind) {
  error_code ec;
  if (!kind.byte_each) {
    const std::array<asio::const_buffer, 2> whole{asio::buffer(kind.head), asio::buffer(kind.body)};
    co_await asio::async_write(socket_, whole, asio::redirect_error(asio::use_awaitable, ec));
    co_return;
  }
  const auto head = asio::buffer(kind.head);
  co_await asio::async_write(socket_, head, asio::redirect_error(asio::use_awaitable, ec));
  for (std::size_t i = 0; i < kind.body.size() && !ec; ++i) {
    pause_.expires_after(*kind.byte_each);
    co_await pause_.async_wait(asio::use_awaitable);
    const auto byte = asio::buffer(kind.body.data() + i, 1);
    co_await asio::async_write(socket_, byte, asio::redirect_error(asio::use_awaitable, ec));
  }
}

asio::awaitable<client::answer> client::read_answer(bool has_body) {
  error_code ec;
  const auto head_size =
      co_await asio::async_read_until(socket_, asio::dynamic_buffer(received_), "\r\n\r\n",
                                      asio::redirect_error(asio::use_awaitable, ec));
  if (ec) co_return answer{};
  std::string head = received_.substr(0, head_size);
  std::ranges::transform(head, head.begin(), [](unsigned char c) { return std::tolower(c); });
  answer result{head.substr(9, 3), head.find("\r\nconnection: close") != std::string::npos};
  const std::size_t size = has_body ? number_of(head, "\r\ncontent-length: ") : 0;
  if (received_.size() < head_size + size) {
    const std::size_t missing = head_size + size - received_.size();
    co_await asio::async_read(socket_, asio::dynamic_buffer(received_),
                              asio::transfer_exactly(missing),
                              asio::redirect_error(asio::use_awaitable, ec));
    if (ec) co_return answer{};
  }
  if (result.how >= "400") {
    result.how += code_of(std::string_view{received_}.substr(head_size, size));
  }
  received_.erase(0, head_size + size);
  co_return result;
}

asio::awaitable<void> client::one(schedule::ticket due) {
  const request_kind& kind = kinds_[due.kind];
  tally& counts = tallies_[due.kind];
  const auto from = due.due.value_or(schedule::clock::now());
  ++counts.sent;
  hung_up_ = false;
  bool is_open = socket_.is_open();
  if (!is_open) {
    auto connecting = connect();
    is_open = co_await std::move(connecting);
  }
  if (kind.hang_up) {
    hang_up_.expires_after(*kind.hang_up);
    hang_up_.async_wait([this](error_code ec) {
      if (ec) return;
      hung_up_ = true;
      error_code ignored;
      socket_.close(ignored);
    });
  }
  answer got;
  if (is_open) {
    auto sending = send(kind);
    co_await std::move(sending);
    auto reading = read_answer(kind.wants_body);  // also of what was refused before its end
    got = co_await std::move(reading);
  }
  hang_up_.cancel();
  if (!got.how.empty()) {
    counts.answered(got.how, schedule::clock::now() - from);
  } else if (hung_up_) {
    ++counts.hung_up;
  } else {
    ++counts.lost;
  }
  if (got.how.empty() || got.closes) {
    error_code ignored;
    socket_.close(ignored);
  }
}

}  // namespace kernd::load
