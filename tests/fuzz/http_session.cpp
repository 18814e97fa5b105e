// Any bytes as what one connection sends. The first line says how they arrive (see `arrival`), the
// rest is what arrives. What the reader makes of them must not depend on where they are cut, must
// keep to what was declared and to the limits, and must leave nothing charged.
//
// One thing may differ: a head that is refused when it comes at once may be refused for something
// else, or wait for the end of its line, when it comes in pieces. It is accepted in no case.

#include "server/http/request_reader.hpp"
#include "tests/fuzz/property.hpp"
#include "tests/fuzz/repeats.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kernd::http {
namespace {

using fuzz::require;
using progress = request_reader::progress;

constexpr std::size_t max_header_bytes = 2048;
constexpr std::size_t max_body_bytes = 100'000;  // longer than a repetition
constexpr std::size_t first_claim = 16 * 1024;

/// How the bytes of a connection arrive. In a first line, every character is the length of a piece,
/// again and again: digits from 1 to 10, upper-case letters multiples of 64, others their code.
/// With a `+` bytes arrive while a request is handled; with a `!` the read that waits for them
/// meanwhile ends only when the reader needs more.
struct arrival {
  std::vector<std::size_t> pieces;
  bool while_handled = false;
  bool after_handled = false;

  explicit arrival(std::string_view line)
      : while_handled{line.find('+') != line.npos}, after_handled{line.find('!') != line.npos} {
    for (const char c : line) {
      const auto code = static_cast<unsigned char>(c);
      if (c >= '0' && c <= '9') {
        pieces.push_back(static_cast<std::size_t>(c - '0') + 1);
      } else if (c >= 'A' && c <= 'Z') {
        pieces.push_back(static_cast<std::size_t>(c - 'A' + 1) * 64);
      } else {
        pieces.push_back(std::max<std::size_t>(code, 1));
      }
    }
  }

  /// As much as there is room for, and nothing beside the handling of a request.
  arrival() : pieces{max_body_bytes} {}
};

bool has_control_byte(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

/// What two proxies could read in two ways must not get here.
void check_head(const request& req, const request_reader& reader) {
  std::size_t hosts = 0, lengths = 0, encodings = 0;
  require(!req.target.empty() && !has_control_byte(req.target), "a target is plain text",
          req.target);
  for (const auto& [name, value] : req.headers) {
    require(!name.empty() && name.find_first_of(" \t:") == name.npos, "a field name is a token",
            name);
    require(!has_control_byte(value), "a field's value is one line", value);
    hosts += equal_field_names(name, "Host") ? 1 : 0;
    encodings += equal_field_names(name, "Transfer-Encoding") ? 1 : 0;
    if (!equal_field_names(name, "Content-Length")) continue;
    ++lengths;
    const auto digits = value.substr(std::min(value.find_first_not_of('0'), value.size() - 1));
    require(digits == std::to_string(reader.content_length()), "every length is the length", value);
  }
  require(hosts == 1 || (hosts == 0 && reader.is_http_1_0()), "there is one host");
  require(lengths == 0 || encodings == 0, "a length and an encoding exclude each other");
  require((encodings == 1) == reader.is_chunked(), "chunked is what says so");
  require(reader.content_length() <= max_body_bytes, "a length keeps to the limit");
}

/// Drives a reader as a session does, and notes what comes of it.
class connection {
 public:
  connection(std::string_view stream, const arrival& how) : rest_{stream}, how_{how} {
    limits_.max_header_bytes = max_header_bytes;
    limits_.max_body_bytes = max_body_bytes;
  }

  void run() {
    while (advance() && !rest_.empty()) receive();
    if (refused_) {
      reader_.drop_input();
      if (is_lent()) arrive();
      while (!rest_.empty()) receive();
    } else if (in_body_) {
      note("so far", std::to_string(req_.body.size()));
    }
    req_.reset();
    require(budget_.used() == 0, "nothing stays charged");
  }

  /// What was accepted, and what became of a body.
  const std::string& log() const { return log_; }
  bool is_head_refused() const { return refused_ && !in_body_; }

 private:
  bool is_lent() const { return space_.data() != nullptr; }

  /// False when the connection cannot go on.
  bool advance() {
    for (;;) {
      progress state = reader_.advance(req_, limits_);
      if (state == progress::head) {
        open_request();
        if (reader_.has_body()) state = reader_.accept_body(req_, limits_);
      }
      check_body();
      if (state == progress::whole) finish_request();
      if (state == progress::more && !accepting_) return true;
      accepting_ = false;
      if (state != progress::refused) continue;
      refused_ = true;
      const error why = reader_.refusal();
      if (in_body_) note("refused", std::to_string(static_cast<int>(why.code)) + " " + why.message);
      return false;
    }
  }

  void open_request() {
    check_head(req_, reader_);
    accepting_ = in_body_ = reader_.has_body();
    note("head", std::string{name_of(req_.verb)} + " " + std::string{req_.target});
    for (const auto& [name, value] : req_.headers) note(name, value);
    note("ids", req_.request_id + " " + req_.trace_id + " " + req_.tenant_id);
    note("body", std::to_string(reader_.content_length()) + (reader_.is_chunked() ? " c" : "") +
                     (reader_.keep_alive() ? " k" : "") + (reader_.expects_continue() ? " e" : ""));
  }

  void check_body() const {
    const std::size_t most = reader_.is_chunked() ? max_body_bytes : reader_.content_length();
    require(req_.body.size() <= most, "a body is never longer than declared");
    require(budget_.used() == req_.body_memory.bytes(), "what is charged is the body's");
    require(budget_.used() <= std::max(first_claim, 2 * (received_ + 1)),
            "a body is charged for what has arrived");
    require(req_.body.size() <= received_, "a body is what has arrived");
  }

  void finish_request() {
    require(reader_.is_chunked() || req_.body.size() == reader_.content_length(),
            "a whole body is as long as declared");
    note("whole", req_.body.view());
    note("bytes in", std::to_string(reader_.bytes_in()));
    const bool is_beside = how_.while_handled || how_.after_handled;
    if (is_beside && !is_lent() && !rest_.empty()) lend();
    if (how_.while_handled && is_lent()) arrive();
    require(req_.target.data() == nullptr || !has_control_byte(req_.target),
            "a request's views outlive what arrives beside it", req_.target);
    in_body_ = false;
    req_.reset();
    require(budget_.used() == 0, "a request that ends gives its share back");
    reader_.next();
  }

  void lend() {
    space_ = reader_.lend();
    if (space_.empty()) space_ = {};
  }

  /// The next piece comes into the memory that is lent.
  void arrive() {
    const std::size_t piece = how_.pieces[next_piece_++ % how_.pieces.size()];
    const std::size_t size = std::min({piece, rest_.size(), space_.size()});
    if (size != 0) std::memcpy(space_.data(), rest_.data(), size);
    rest_.remove_prefix(size);
    received_ += size;
    space_ = {};
    reader_.commit(size);
  }

  void receive() {
    if (!is_lent()) lend();
    require(is_lent(), "a reader that needs more has room for it");
    arrive();
  }

  void note(std::string_view what, std::string_view is) {
    log_.append(what).append(": ").append(is).append("\n");
  }

  std::string_view rest_;
  const arrival& how_;
  std::size_t next_piece_ = 0;
  std::size_t received_ = 0;
  bool accepting_ = false;
  bool in_body_ = false;
  bool refused_ = false;
  std::string log_;
  limits_config limits_;
  body_budget budget_{4 * max_body_bytes};
  request_reader reader_{budget_};
  request req_;
  std::span<char> space_;
};

void check(std::string_view input) {
  const std::size_t line = std::min(input.find('\n'), input.size());
  const arrival pieces{input.substr(0, line)};
  const std::string stream = fuzz::with_repeats(input.substr(std::min(line + 1, input.size())));

  const arrival whole;
  connection at_once{stream, whole};
  at_once.run();
  if (pieces.pieces.empty()) return;
  connection in_pieces{stream, pieces};
  in_pieces.run();

  require(at_once.log() == in_pieces.log(), "what a connection says does not depend on its pieces",
          at_once.log() + "-- in pieces:\n" + in_pieces.log());
  require(at_once.is_head_refused() || !in_pieces.is_head_refused(),
          "a head that comes in pieces is not refused for that", stream);
}

}  // namespace
}  // namespace kernd::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kernd::http::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
