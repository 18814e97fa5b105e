#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace kernd::test::abuse {

/// What one request must be answered with.
struct answer {
  int status;
  std::string code = {};  ///< Empty for a success.
  std::string says = {};  ///< A piece of the body; empty: anything.
  bool to_head = false;   ///< It answers HEAD, so no body follows.
};

enum class afterwards { stays_open, closes };

/// Bytes that somebody may send, and what the server does then. Nothing here depends on how the
/// bytes are cut into writes.
struct abuse_case {
  std::string name;  ///< What happens, as words in CamelCase.
  std::string bytes;
  std::vector<answer> answers;
  afterwards connection;
  bool ends = false;  ///< The client sends no more than `bytes`, and says so.
};

/// For the names of failed tests: the bytes themselves may be no text.
void PrintTo(const abuse_case& c, std::ostream* out);

struct abuse_topic {
  std::string title;
  std::vector<abuse_case> cases;
};

/// The most that the server of these cases takes.
inline constexpr std::size_t header_limit = 16 * 1024;
inline constexpr std::size_t field_limit = 128;
inline constexpr std::size_t body_limit = 64 * 1024;
inline constexpr std::size_t depth_limit = 64;
/// The one whose pages may use it.
inline constexpr std::string_view allowed_origin = "http://a";

std::vector<abuse_case> request_line_cases();
std::vector<abuse_case> target_cases();
std::vector<abuse_case> field_cases();
std::vector<abuse_case> length_cases();
std::vector<abuse_case> chunk_cases();
std::vector<abuse_case> method_cases();
std::vector<abuse_case> media_cases();
std::vector<abuse_case> json_cases();
std::vector<abuse_case> input_cases();
std::vector<abuse_case> limit_cases();
std::vector<abuse_case> upgrade_cases();
std::vector<abuse_case> order_cases();
/// All of the above.
std::vector<abuse_topic> abuse_topics();
/// `docs/abuse.md`.
std::string abuse_page();

// How cases are written.

abuse_case stays_open(std::string name, std::string bytes, std::vector<answer> answers);
abuse_case closes(std::string name, std::string bytes, std::vector<answer> answers);

inline const answer ok{200};
/// `BAD_REQUEST`: what every fault of framing is.
inline const answer bad_request{400, "BAD_REQUEST"};

/// `"GET /x"` with a version, a host, `fields` (whole lines) and the empty line.
std::string head(std::string_view method_and_target, std::string_view fields = {});
/// The same for `GET /health/live`, which is answered with 200 unless the fields are wrong.
std::string live(std::string_view fields = {});
/// An execute request of `kernel`.
std::string execute(std::string_view kernel, std::string_view body,
                    std::string_view fields = "Content-Type: application/json\r\n");
/// An execute request of `core/axpy` that has nothing wrong but what `fields` and `body` bring: no
/// framing is added.
std::string raw_execute(std::string_view fields, std::string_view body = {});
std::string repeat(std::string_view text, std::size_t times);

}  // namespace kernd::test::abuse
