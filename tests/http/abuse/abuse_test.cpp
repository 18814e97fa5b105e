#include "kernels/catalogue.hpp"
#include "server/http/web_socket.hpp"
#include "tests/api/api_test.hpp"
#include "tests/http/abuse/abuse_case.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <string_view>

namespace kernd::test::abuse {
namespace {

boost::asio::awaitable<result<void>> accept_and_end(http::request&, http::web_socket& socket) {
  const bool is_open = co_await socket.accept();
  if (!is_open) co_return error{errc::cancelled, "nobody is there"};
  co_return result<void>{};
}

/// The API with the kernels that the daemon ships, on one loop.
struct AbuseServer : ApiTest {
  AbuseServer() {
    kernels::add_all(registry).value();
    limits.max_header_bytes = header_limit;
    limits.max_body_bytes = body_limit;
    limits.max_json_depth = depth_limit;
    options.cors_origins = {std::string{allowed_origin}};
    routes.add({http::method::get, "/socket", http::stream_handlers{.socket = accept_and_end}});
    life.move_to(lifecycle_state::starting).value();
    life.move_to(lifecycle_state::running).value();
    start();
  }

  /// Sends the bytes, `piece` at a time. The answer of somebody else between two pieces makes the
  /// server look at each of them.
  void send(client& c, std::string_view bytes, std::size_t piece) {
    client witness = connect();
    while (!bytes.empty()) {
      c.send_until_refused(bytes.substr(0, piece));
      bytes.remove_prefix(std::min(piece, bytes.size()));
      if (bytes.empty()) return;
      ASSERT_EQ(witness.ask(live("X-Request-ID: witness\r\n")).status, 200);
    }
  }

  recording_log::entry take_entry() {
    for (;;) {
      auto entry = log.take();
      if (entry.request_id != "witness") return entry;
    }
  }

  void expect_answer(client& c, const answer& expected) {
    reply r = c.read_reply(expected.to_head);
    // Whether a body is invited depends on how much of it is there already.
    if (r.status == 100) r = c.read_reply(expected.to_head);
    ASSERT_EQ(r.status, expected.status) << r.body;
    const auto entry = take_entry();
    EXPECT_EQ(entry.status, static_cast<unsigned>(expected.status));
    EXPECT_EQ(entry.code, expected.code);
    EXPECT_NE(r.body.find(expected.says), r.body.npos) << r.body;
    if (expected.code.empty() || expected.to_head) return;
    EXPECT_EQ(r.header("Content-Type"), "application/problem+json");
    EXPECT_EQ(code_of(r), expected.code) << r.body;
  }

  void play(const abuse_case& given, std::size_t piece) {
    client c = connect();

    send(c, given.bytes, piece);
    if (given.ends) c.finish_sending();

    for (const answer& expected : given.answers) {
      ASSERT_NO_FATAL_FAILURE(expect_answer(c, expected));
    }
    if (given.connection == afterwards::closes) {
      EXPECT_TRUE(c.is_closed());
    } else {
      EXPECT_EQ(c.ask(live()).status, 200);
      take_entry();
    }
  }

  void expect_good_service() {
    const std::string good = execute("core/axpy", R"({"input":{"alpha":2,"x":[1,2],"y":[10,20]}})");
    const reply r = ask(good);
    EXPECT_EQ(r.status, 200);
    EXPECT_EQ(json_of(r)["output"]["result"], nlohmann::json::parse("[12,24]"));
    take_entry();
    EXPECT_TRUE(log.empty());
  }
};

class AbuseTest : public AbuseServer, public ::testing::WithParamInterface<abuse_case> {};

TEST_P(AbuseTest, AnswersAsItsTableSays) {
  play(GetParam(), std::string::npos);

  expect_good_service();
}

std::string name_of_case(const ::testing::TestParamInfo<abuse_case>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(RequestLine, AbuseTest, ::testing::ValuesIn(request_line_cases()),
                         name_of_case);
INSTANTIATE_TEST_SUITE_P(Target, AbuseTest, ::testing::ValuesIn(target_cases()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Fields, AbuseTest, ::testing::ValuesIn(field_cases()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Length, AbuseTest, ::testing::ValuesIn(length_cases()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Chunks, AbuseTest, ::testing::ValuesIn(chunk_cases()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Methods, AbuseTest, ::testing::ValuesIn(method_cases()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Media, AbuseTest, ::testing::ValuesIn(media_cases()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Json, AbuseTest, ::testing::ValuesIn(json_cases()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Inputs, AbuseTest, ::testing::ValuesIn(input_cases()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Limits, AbuseTest, ::testing::ValuesIn(limit_cases()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Upgrade, AbuseTest, ::testing::ValuesIn(upgrade_cases()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Order, AbuseTest, ::testing::ValuesIn(order_cases()), name_of_case);

class AbuseInPiecesTest : public AbuseServer, public ::testing::WithParamInterface<abuse_topic> {};

TEST_P(AbuseInPiecesTest, AnswersTheSame) {
  constexpr std::size_t most_writes = 1000;
  for (const abuse_case& given : GetParam().cases) {
    SCOPED_TRACE(given.name);
    ASSERT_NO_THROW(play(given, 1 + given.bytes.size() / most_writes));
    expect_good_service();
    ASSERT_FALSE(HasFailure());
  }
}

std::string name_of_topic(const ::testing::TestParamInfo<abuse_topic>& info) {
  std::string name = info.param.title;
  std::erase_if(name, [](char c) { return c == ' ' || c == ','; });
  return name;
}

INSTANTIATE_TEST_SUITE_P(Topic, AbuseInPiecesTest, ::testing::ValuesIn(abuse_topics()),
                         name_of_topic);

TEST(AbuseTableTest, HasNoServerErrorButThoseItNames) {
  const std::set<std::string> named = {"UNSUPPORTED_TRANSFER_ENCODING",
                                       "HTTP_VERSION_NOT_SUPPORTED"};
  for (const auto& topic : abuse_topics()) {
    for (const auto& c : topic.cases) {
      for (const auto& a : c.answers) {
        EXPECT_TRUE(a.status < 500 || named.contains(a.code)) << c.name;
      }
    }
  }
}

TEST(AbuseTableTest, IsWhatTheDocumentSays) {
  std::ifstream document{KERND_DOCS_DIRECTORY "/abuse.md"};
  const std::string text{std::istreambuf_iterator<char>{document}, {}};

  EXPECT_TRUE(text == abuse_page()) << "run build/dev/kernd_abuse_page "
                                       ">docs/abuse.md";
}

}  // namespace
}  // namespace kernd::test::abuse
