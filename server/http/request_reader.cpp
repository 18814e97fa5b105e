#include "server/http/request_reader.hpp"

#include "server/http/chunk_decoder.hpp"
#include "server/http/head_parser.hpp"
#include "server/http/request_id.hpp"
#include "server/http/trace_context.hpp"

#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>
#include <optional>

namespace kernd::http {
namespace {

using parse_error = boost::beast::http::error;

constexpr std::size_t first_capacity = 4096;
/// Beyond the longest head: for bytes of the body or of the next request.
constexpr std::size_t slack = 4096;
/// What must be free behind a head, to go on reading while its request is answered.
constexpr std::size_t least_tail = 512;
/// What a chunked body is read through.
constexpr std::size_t chunked_capacity = 64 * 1024;
/// The most that an idle connection keeps.
constexpr std::size_t kept_capacity = 16 * 1024;
/// RFC 9112, 2.2: some clients send one too many. Each gives the connection new time to start.
constexpr int most_empty_lines = 8;
/// What a body is given before any of it has arrived.
constexpr std::uint64_t first_claim = 16 * 1024;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// `GET / HTTP/2.0`: a line of a version that we do not speak. What follows may not be there yet.
bool names_other_version(std::string_view head) {
  const std::size_t target = std::min(head.find(' '), head.size() - 1) + 1;
  const std::size_t space = std::min(head.find(' ', target), head.size() - 1);
  const std::string_view version = head.substr(space + 1, 8);
  return version.size() == 8 && version.starts_with("HTTP/") && is_digit(version[5]) &&
         version[6] == '.' && is_digit(version[7]) && version != "HTTP/1.1" &&
         version != "HTTP/1.0";
}

/// The first line alone is longer than what its target may have.
bool has_long_target(std::string_view head, std::size_t max_target_bytes) {
  const std::string_view line = head.substr(0, head.find('\r'));
  const std::size_t target = std::min(line.find(' '), line.size() - 1) + 1;
  return line.substr(target, line.find(' ', target) - target).size() > max_target_bytes;
}

error no_memory(const body_budget& budget) {
  return {errc::memory_exhausted, "no memory for the body: all bodies together have " +
                                      std::to_string(budget.limit()) + " bytes"};
}

}  // namespace

class request_reader::parser {
 public:
  void start(const limits_config& limits) {
    head.clear();
    current.emplace(head, limits.max_header_bytes / 2);
    current->header_limit(static_cast<std::uint32_t>(limits.max_header_bytes));
    current->body_limit(boost::none);
  }

  parsed_head head;
  std::optional<head_parser> current;
  chunk_decoder chunks;
};

request_reader::request_reader(body_budget& budget)
    : budget_{budget}, parser_{std::make_unique<parser>()} {
  grow(first_capacity);
}

request_reader::~request_reader() = default;

std::span<char> request_reader::lend() {
  assert(!lent_);
  if (state_ == state::dropping) {
    begin_ = head_end_ = next_ = end_ = 0;
  } else if (state_ == state::known_body && next_ == end_) {
    lent_ = true;
    lent_body_ = body_;
    return {body_->data() + body_->size(), claimed_bytes_ - body_->size()};
  } else {
    make_room();
  }
  lent_ = end_ != capacity_;
  return {bytes_.get() + end_, capacity_ - end_};
}

void request_reader::commit(std::size_t bytes) {
  lent_ = false;
  text_buffer* const body = std::exchange(lent_body_, nullptr);
  if (state_ == state::dropping) return;
  if (body != nullptr) {
    body->commit(bytes);
    body_bytes_in_ += bytes;
  } else {
    end_ += bytes;
  }
}

void request_reader::make_room() {
  if (state_ == state::head) {
    forget_earlier_requests();
    if (end_ == capacity_ && capacity_ < max_capacity_) {
      grow(std::min(2 * capacity_, max_capacity_));
    }
  } else if (next_ != head_end_) {
    // The request has views into its head, so only what follows it may move.
    std::memmove(bytes_.get() + head_end_, bytes_.get() + next_, end_ - next_);
    end_ -= next_ - head_end_;
    next_ = head_end_;
  }
}

void request_reader::forget_earlier_requests() {
  if (begin_ == 0) return;
  std::memmove(bytes_.get(), bytes_.get() + begin_, end_ - begin_);
  head_end_ -= begin_;
  next_ -= begin_;
  end_ -= begin_;
  begin_ = 0;
}

void request_reader::grow(std::size_t capacity) {
  auto bigger = std::make_unique_for_overwrite<char[]>(capacity);
  if (end_ != 0) std::memcpy(bigger.get(), bytes_.get(), end_);
  bytes_ = std::move(bigger);
  capacity_ = capacity;
}

request_reader::progress request_reader::advance(request& req, const limits_config& limits) {
  switch (state_) {
    case state::head:
      return read_head(req, limits);
    case state::known_body:
      return read_known_body(req);
    case state::chunked_body:
      return read_chunked_body(req);
    case state::whole:
      return progress::whole;
    case state::refused:
      return progress::refused;
    case state::accepting:
    case state::dropping:
      break;
  }
  return progress::more;
}

request_reader::progress request_reader::read_head(request& req, const limits_config& limits) {
  max_capacity_ = limits.max_header_bytes + slack;
  if (!started_) {
    if (skip_empty_lines(req) == progress::refused) return progress::refused;
    if (end_ - begin_ < 2) return progress::more;
    parser_->start(limits);
    started_ = true;
  } else if (std::memchr(bytes_.get() + begin_ + parsed_bytes_, '\n',
                         end_ - begin_ - parsed_bytes_) != nullptr) {
    // Once Beast has seen a part of a head it looks for nothing but its end; a fault in a line that
    // is there must not wait for that.
    parser_->start(limits);
    next_ = begin_;
  }
  parsed_bytes_ = end_ - begin_;
  boost::system::error_code ec;
  const char* const bytes = bytes_.get();
  next_ += parser_->current->parse(bytes + begin_, bytes + next_, bytes + end_, ec);
  // Beast counts only what it has not consumed yet, so the whole is counted here.
  const std::size_t seen = (ec == parse_error::need_more ? end_ : next_) - begin_;
  if (seen > limits.max_header_bytes) ec = parse_error::header_limit;
  if (ec == parse_error::need_more) return progress::more;
  if (ec) return stop(req, explain(ec, limits));
  return finish_head(req, limits);
}

request_reader::progress request_reader::skip_empty_lines(request& req) {
  while (end_ - begin_ >= 2 && std::memcmp(bytes_.get() + begin_, "\r\n", 2) == 0) {
    if (empty_lines_ == most_empty_lines) {
      return stop(req, {errc::bad_request, "more than " + std::to_string(most_empty_lines) +
                                               " empty lines before the request"});
    }
    ++empty_lines_;
    begin_ += 2;
  }
  head_end_ = next_ = begin_;
  return progress::more;
}

request_reader::progress request_reader::finish_head(request& req, const limits_config& limits) {
  const head_parser& parsed = *parser_->current;
  const parsed_head& head = parser_->head;
  // A loan means that the tail has room, and that it must stay where it is. Without one nothing
  // has views into the buffer yet; reading beside handlers would otherwise creep through it.
  if (!lent_) {
    forget_earlier_requests();
    if (capacity_ - end_ < least_tail) grow(capacity_ + slack);
  }
  head_end_ = next_;
  chunked_ = parsed.chunked();
  content_length_ = parsed.content_length().value_or(0);
  has_body_ = chunked_ || content_length_ != 0;
  http_1_0_ = head.version == 10;
  keep_alive_ = parsed.keep_alive();
  expects_continue_ = head.expects_continue && has_body_ && !http_1_0_;

  if (head.hosts > 1 || (head.hosts == 0 && !http_1_0_)) {
    return stop(req, {errc::bad_request, "the request has " + std::to_string(head.hosts) +
                                             " Host headers, exactly 1 is needed"});
  }
  if (!head.host_is_valid) {
    return stop(req, {errc::bad_request, "the Host header is not a host and port"});
  }
  if (chunked_ && http_1_0_) {
    return stop(req, {errc::bad_request, "HTTP/1.0 has no Transfer-Encoding"});
  }
  if (content_length_ > limits.max_body_bytes) {
    return stop(
        req, {errc::body_too_large, "the body is " + std::to_string(content_length_) +
                                        " bytes, limit " + std::to_string(limits.max_body_bytes)});
  }
  publish(req);
  state_ = has_body_ ? state::accepting : state::whole;
  return progress::head;
}

request_reader::progress request_reader::accept_body(request& req, const limits_config& limits) {
  assert(state_ == state::accepting);
  body_ = &req.body;
  most_body_bytes_ = chunked_ ? limits.max_body_bytes : content_length_;
  try {
    if (!claim(req, std::min(first_claim, most_body_bytes_))) return stop(req, no_memory(budget_));
    if (chunked_ && !lent_ && capacity_ < chunked_capacity) {
      grow(chunked_capacity);
      publish(req);
    }
  } catch (const std::bad_alloc&) {
    return stop(req, no_memory(budget_));
  }
  state_ = chunked_ ? state::chunked_body : state::known_body;
  if (chunked_) parser_->chunks.start(limits.max_body_bytes, limits.max_header_bytes);
  return progress::more;
}

request_reader::progress request_reader::read_known_body(request& req) {
  const std::size_t missing = content_length_ - req.body.size();
  // With a loan open on the body, nothing is in the buffer.
  const std::size_t here = std::min(missing, end_ - next_);
  const bool is_whole = here == missing;
  // What comes next goes into the body, so there is always room for some of it.
  if (!claim(req, req.body.size() + here + (is_whole ? 0 : 1))) {
    return stop(req, no_memory(budget_));
  }
  req.body.append({bytes_.get() + next_, here});
  next_ += here;
  body_bytes_in_ += here;
  if (!is_whole) return progress::more;
  state_ = state::whole;
  return progress::whole;
}

request_reader::progress request_reader::read_chunked_body(request& req) {
  std::string_view input{bytes_.get() + next_, end_ - next_};
  // What it adds to the body is at most what is in the buffer.
  if (!claim(req, req.body.size() + input.size())) return stop(req, no_memory(budget_));
  const auto is_whole = parser_->chunks.decode(input, req.body);
  const std::size_t used = end_ - next_ - input.size();
  next_ += used;
  body_bytes_in_ += used;
  if (!is_whole) return stop(req, is_whole.error());
  if (!*is_whole) return progress::more;
  state_ = state::whole;
  return progress::whole;
}

void request_reader::refuse(request& req, error why) {
  stop(req, std::move(why));
}

request_reader::progress request_reader::stop(request& req, error why) {
  // After `head` the request has its views, and a handler may have changed the rest of it.
  const bool is_published = state_ != state::head;
  if (!is_published && started_) {
    head_end_ = std::max(head_end_, next_);
    publish(req);
  }
  refusal_ = std::move(why);
  keep_alive_ = false;
  state_ = state::refused;
  return progress::refused;
}

error request_reader::explain(const boost::system::error_code& ec,
                              const limits_config& limits) const {
  if (parser_->head.refusal) return *parser_->head.refusal;
  const std::string_view head{bytes_.get() + begin_, end_ - begin_};
  const std::size_t target_limit = limits.max_header_bytes / 2;
  if (ec == parse_error::header_limit) {
    if (has_long_target(head, target_limit)) {
      return {errc::uri_too_long, "the request target is longer than the limit of " +
                                      std::to_string(target_limit) + " bytes"};
    }
    return {errc::headers_too_large, "the request's head is longer than the limit of " +
                                         std::to_string(limits.max_header_bytes) + " bytes"};
  }
  if (ec == parse_error::bad_version && names_other_version(head)) {
    return {errc::http_version_not_supported, "only HTTP/1.1 and HTTP/1.0 are spoken here"};
  }
  return {errc::bad_request, "the request is malformed: " + ec.message()};
}

/// Room for `bytes` of the body, as far as it may grow, and a share of the budget for them; false
/// when the budget or the system is out. Goes in doubling steps: a client pays with bytes for what
/// it holds, and the budget's count is shared by all loops.
bool request_reader::claim(request& req, std::uint64_t bytes) {
  if (bytes <= claimed_bytes_) return true;
  assert(lent_body_ == nullptr);
  const std::uint64_t wanted = std::min(std::max(bytes, 2 * claimed_bytes_), most_body_bytes_);
  if (!budget_.raise(req.body_memory, wanted)) return false;
  try {
    req.body.reserve(wanted);
  } catch (const std::bad_alloc&) {
    return false;
  }
  claimed_bytes_ = wanted;
  return true;
}

void request_reader::publish(request& req) const {
  const char* const bytes = bytes_.get() + begin_;
  const parsed_head& head = parser_->head;
  req.verb = head.verb;
  req.target = head.target.in(bytes);
  req.headers.clear();
  for (const auto& field : head.fields) {
    const auto& [name, value] =
        req.headers.emplace_back(field.name.in(bytes), field.value.in(bytes));
    if (name.size() == 11 && equal_field_names(name, "traceparent")) {
      if (const auto trace = parse_traceparent(value)) {
        req.trace_id = trace->trace_id;
        req.parent_span_id = trace->span_id;
      }
    } else if (name.size() == 11 && equal_field_names(name, "X-Tenant-ID")) {
      req.tenant_id = value;
    } else if (name.size() == 12 && equal_field_names(name, "X-Request-ID")) {
      if (req.request_id.empty() && is_usable_request_id(value)) req.request_id = value;
    }
  }
}

void request_reader::next() {
  assert(state_ == state::whole);
  begin_ = head_end_ = next_;
  if (begin_ == end_ && !lent_) {
    begin_ = head_end_ = next_ = end_ = 0;
    if (capacity_ > kept_capacity) {
      grow(first_capacity);
    }
  }
  state_ = state::head;
  started_ = false;
  parsed_bytes_ = 0;
  empty_lines_ = 0;
  body_ = nullptr;
  content_length_ = body_bytes_in_ = most_body_bytes_ = claimed_bytes_ = 0;
  chunked_ = has_body_ = expects_continue_ = keep_alive_ = http_1_0_ = false;
}

std::string_view request_reader::unread() const noexcept {
  assert(state_ == state::whole);
  return {bytes_.get() + next_, end_ - next_};
}

void request_reader::drop_input() {
  state_ = state::dropping;
}

}  // namespace kernd::http
