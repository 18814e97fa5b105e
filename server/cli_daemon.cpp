#include "server/cli_daemon.hpp"

#include "server/cli_address.hpp"
#include "server/http/client.hpp"
#include "server/http/problem.hpp"

#include <nlohmann/json.hpp>

#include <ostream>
#include <utility>

namespace kernd::cli {
namespace {

/// Three times what a daemon lets pass between two signs of life on a stream.
constexpr std::chrono::seconds longest_silence{45};

/// As the table of exit codes has it: what was given is wrong, or the daemon.
exit_code code_of(unsigned status) {
  switch (status) {
    case 400:
    case 413:
    case 415:
      return exit_code::data_error;
    case 404:
      return exit_code::usage;
    case 500:
      return exit_code::kernel_failed;
    case 503:
      return exit_code::address_unavailable;
    default:
      return exit_code::failed;
  }
}

daemon_refusal no_answer(error why, exit_code code = exit_code::address_unavailable) {
  std::string document{http::problem_body(why, {}).view()};
  return {code, std::move(why).message, std::move(document)};
}

daemon_refusal refusal_of(const http::client_answer& answer) {
  const auto problem = nlohmann::json::parse(answer.body, nullptr, false);
  if (problem.is_object() && problem.contains("message") && problem["message"].is_string()) {
    return {code_of(answer.status), problem["message"].get<std::string>(), answer.body};
  }
  return no_answer({errc::service_unavailable, "what listens there is no kernd: it answered " +
                                                   std::to_string(answer.status) +
                                                   " without a problem document"});
}

/// Takes a text/event-stream apart. Lines end with `\n`, as kernd's do; of the fields only the data
/// matter, which kernd sends on one line.
class event_reader {
 public:
  explicit event_reader(const std::function<bool(std::string_view)>& take) : take_{take} {}

  bool feed(std::string_view piece) {
    unread_ += piece;
    std::size_t begin = 0;
    for (auto end = unread_.find('\n'); end != std::string::npos; end = unread_.find('\n', begin)) {
      const std::string_view line{unread_.data() + begin, end - begin};
      begin = end + 1;
      constexpr std::string_view data = "data: ";
      if (line.starts_with(data) && !take_(line.substr(data.size()))) return false;
    }
    unread_.erase(0, begin);
    return true;
  }

 private:
  const std::function<bool(std::string_view)>& take_;
  std::string unread_;
};

}  // namespace

exit_code refuse(const daemon_refusal& refused, bool json, std::ostream& out, std::ostream& err) {
  if (json) {
    out << refused.document << '\n';
  } else {
    err << "kernd: " << refused.message << '\n';
  }
  return refused.code;
}

daemon_client::daemon_client(config values)
    : values_{std::move(values)}, host_{reachable_host(values_.server)} {}

boost::system::result<daemon_client, config_errors> daemon_client::of(
    const config_sources& sources) {
  auto loaded = load_config(sources);
  if (!loaded) return loaded.error();
  if (loaded->values.server.port == 0) {
    return config_errors{{"server.port is 0, so the port is not known; give --port"}};
  }
  return daemon_client{std::move(loaded->values)};
}

answered<std::string> daemon_client::ask(const std::string& method, const std::string& path,
                                         const std::string& body,
                                         std::chrono::milliseconds timeout) const {
  const http::client_request asked{method, values_.server.api_prefix + path, body};
  auto answer = http::http_exchange({host_, values_.server.port}, asked, timeout);
  if (!answer) return no_answer(std::move(answer).error());
  if (answer->status >= 300) return refusal_of(*answer);
  return std::move(answer->body);
}

answered<void> daemon_client::follow(const std::string& path,
                                     const std::function<bool(std::string_view)>& take) const {
  event_reader events{take};
  const std::string target = values_.server.api_prefix + path;
  auto answer = http::http_follow({host_, values_.server.port}, target, longest_silence,
                                  [&](std::string_view piece) { return events.feed(piece); });
  if (!answer) return no_answer(std::move(answer).error());
  if (answer->status != 200) return refusal_of(*answer);
  return {};
}

std::string path_segment(std::string_view text) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string segment;
  for (const char c : text) {
    if (plain.find(c) != std::string_view::npos) {
      segment += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      segment += {'%', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return segment;
}

}  // namespace kernd::cli
