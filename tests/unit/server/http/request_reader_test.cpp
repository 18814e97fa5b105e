#include "request_reader_fixture.hpp"
#include "tests/support/random_words.hpp"

#include <string>

namespace kernd::http {
namespace {

using progress = request_reader::progress;

constexpr std::string_view simple = "GET /a?b HTTP/1.1\r\nHost: x\r\nX-Y:  z \r\n\r\n";

TEST_F(RequestReaderTest, ReadsARequestWithoutABody) {
  ASSERT_EQ(feed(simple), progress::whole);

  EXPECT_EQ(req.verb, method::get);
  EXPECT_EQ(req.target, "/a?b");
  EXPECT_EQ(req.header("host"), "x");
  EXPECT_EQ(req.header("x-y"), "z");
  EXPECT_FALSE(req.has_header("z"));
  EXPECT_TRUE(reader.keep_alive());
  EXPECT_EQ(reader.bytes_in(), simple.size());
}

TEST_F(RequestReaderTest, ReportsTheHeadOnce) {
  const auto space = reader.lend();
  std::memcpy(space.data(), simple.data(), simple.size());
  reader.commit(simple.size());

  EXPECT_EQ(reader.advance(req, limits), progress::head);
  EXPECT_EQ(reader.advance(req, limits), progress::whole);
}

TEST_F(RequestReaderTest, ReadsARequestByteByByte) {
  ASSERT_EQ(feed("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", 1), progress::whole);

  EXPECT_EQ(req.verb, method::post);
  EXPECT_EQ(req.header("Content-Length"), "3");
  EXPECT_EQ(req.body.view(), "abc");
}

TEST_F(RequestReaderTest, ReadsAHeadThatOutgrowsTheFirstBuffer) {
  const std::string value(9000, 'v');

  ASSERT_EQ(feed("GET / HTTP/1.1\r\nHost: x\r\nA: " + value + "\r\n\r\n", 1000), progress::whole);

  EXPECT_EQ(req.header("Host"), "x");
  EXPECT_EQ(req.header("A"), value);
}

TEST_F(RequestReaderTest, IgnoresEmptyLinesBeforeARequest) {
  EXPECT_EQ(feed("\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", 1), progress::whole);
}

TEST_F(RequestReaderTest, TellsAnEmptyLineFromARequest) {
  EXPECT_EQ(feed("\r\n"), progress::more);
  EXPECT_FALSE(reader.has_input());
}

TEST_F(RequestReaderTest, KeepsItsBufferSmallWhenReadingGoesOnBesideHandlers) {
  auto space = reader.lend();
  for (int i = 0; i < 1000; ++i) {
    ASSERT_GE(space.size(), simple.size());
    std::memcpy(space.data(), simple.data(), simple.size());
    reader.commit(simple.size());
    ASSERT_EQ(reader.advance(req, limits), progress::head);
    ASSERT_EQ(reader.advance(req, limits), progress::whole);

    space = reader.lend();  // for the next request, while this one is handled
    req.reset();
    reader.next();
  }

  EXPECT_LE(reader.capacity(), 16u * 1024);
}

TEST_F(RequestReaderTest, ReadsALargeBodyIntoPlace) {
  std::string body(1 << 20, '\0');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 7);
  const std::string head =
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";

  ASSERT_EQ(feed(head + body, 10'000), progress::whole);

  EXPECT_TRUE(req.body.view() == body);
  EXPECT_EQ(reader.bytes_in(), head.size() + body.size());
  EXPECT_EQ(budget.used(), body.size());
}

TEST_F(RequestReaderTest, LendsTheBodyItself) {
  ASSERT_EQ(feed("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"), progress::more);

  const auto space = reader.lend();

  EXPECT_EQ(space.data(), req.body.data());
  EXPECT_EQ(space.size(), 16u * 1024);  // what the body was given so far
}

TEST_F(RequestReaderTest, JoinsChunks) {
  ASSERT_EQ(feed("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "3;ext=\"a;b\"\r\nabc\r\n0A\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n"),
            progress::whole);

  EXPECT_EQ(req.body.view(), "abc0123456789");
  EXPECT_FALSE(req.has_header("Trailer"));
}

TEST_F(RequestReaderTest, JoinsChunksByteByByte) {
  ASSERT_EQ(feed("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n"
                 "3\r\nabc\r\n4;e=1\r\ndefg\r\n0\r\nA: b\r\nC: d\r\n\r\n",
                 1),
            progress::whole);

  EXPECT_EQ(req.body.view(), "abcdefg");
}

TEST_F(RequestReaderTest, JoinsChunksLargerThanTheBuffer) {
  const std::string chunk(300'000, 'c');

  ASSERT_EQ(feed("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n493E0\r\n" +
                     chunk + "\r\n1\r\nx\r\n0\r\n\r\n",
                 7'000),
            progress::whole);

  EXPECT_TRUE(req.body.view() == chunk + "x");
  EXPECT_EQ(req.header("Host"), "x");
}

TEST_F(RequestReaderTest, KeepsThePipelinedRequest) {
  ASSERT_EQ(feed("POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nabGET /2 "
                 "HTTP/1.1\r\nHost: y\r\n\r\n"),
            progress::whole);
  EXPECT_EQ(req.body.view(), "ab");

  req.reset();
  reader.next();

  ASSERT_EQ(advance(), progress::whole);
  EXPECT_EQ(req.target, "/2");
  EXPECT_EQ(req.header("Host"), "y");
  EXPECT_TRUE(req.body.empty());
}

TEST_F(RequestReaderTest, LeavesTheHeadInPlaceWhileItReadsOn) {
  ASSERT_EQ(feed(simple), progress::whole);
  const auto space = reader.lend();
  std::memcpy(space.data(), simple.data(), simple.size());
  reader.commit(simple.size());

  EXPECT_EQ(req.header("X-Y"), "z");
  static_cast<void>(reader.lend());
  EXPECT_EQ(req.header("X-Y"), "z");
}

TEST_F(RequestReaderTest, BoundsWhatItKeepsBesideARequest) {
  ASSERT_EQ(feed(simple), progress::whole);
  std::size_t kept = 0;

  for (auto space = reader.lend(); !space.empty(); space = reader.lend()) {
    std::memset(space.data(), 'x', space.size());
    kept += space.size();
    reader.commit(space.size());
  }

  EXPECT_LE(kept, 8192u);
}

TEST_F(RequestReaderTest, GoesOnWhileALoanOfTheLastRequestIsOpen) {
  ASSERT_EQ(feed(simple), progress::whole);
  const std::string_view body = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n01234";
  auto space = reader.lend();
  std::memcpy(space.data(), body.data(), body.size());
  reader.commit(body.size());
  space = reader.lend();

  req.reset();
  reader.next();
  ASSERT_EQ(advance(), progress::more);
  std::memcpy(space.data(), "56789", 5);
  reader.commit(5);

  EXPECT_EQ(advance(), progress::whole);
  EXPECT_EQ(req.body.view(), "0123456789");
}

TEST_F(RequestReaderTest, ReadsIdsAndTenant) {
  ASSERT_EQ(feed("GET / HTTP/1.1\r\nHost: x\r\nX-Request-ID: id-1\r\nX-Tenant-ID: acme\r\n"
                 "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n"),
            progress::whole);

  EXPECT_EQ(req.request_id, "id-1");
  EXPECT_EQ(req.tenant_id, "acme");
  EXPECT_EQ(req.trace_id, "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(req.parent_span_id, "b7ad6b7169203331");
}

TEST_F(RequestReaderTest, ReadsTheIdOfARequestThatItRefuses) {
  EXPECT_EQ(refused("GET / HTTP/1.1\r\nX-Request-ID: id-1\r\nHost: x\r\nHost: y\r\n\r\n"),
            errc::bad_request);

  EXPECT_EQ(req.request_id, "id-1");
}

TEST_F(RequestReaderTest, SaysWhetherTheConnectionStays) {
  const auto stays = [&](std::string_view line, std::string_view header) {
    request_reader fresh{budget};
    const std::string text =
        "GET / " + std::string{line} + "\r\nHost: x\r\n" + std::string{header} + "\r\n";
    const auto space = fresh.lend();
    std::memcpy(space.data(), text.data(), text.size());
    fresh.commit(text.size());
    request one;
    EXPECT_EQ(fresh.advance(one, limits), progress::head);
    return fresh.keep_alive();
  };

  EXPECT_TRUE(stays("HTTP/1.1", ""));
  EXPECT_FALSE(stays("HTTP/1.1", "Connection: close\r\n"));
  EXPECT_FALSE(stays("HTTP/1.1", "Connection: foo, CLOSE\r\n"));
  EXPECT_FALSE(stays("HTTP/1.0", ""));
  EXPECT_TRUE(stays("HTTP/1.0", "Connection: keep-alive\r\n"));
}

TEST_F(RequestReaderTest, AcceptsAnOldRequestWithoutHost) {
  EXPECT_EQ(feed("GET / HTTP/1.0\r\n\r\n"), progress::whole);
  EXPECT_TRUE(reader.is_http_1_0());
}

TEST_F(RequestReaderTest, SurvivesGarbage) {
  test::random_words random;
  const std::string_view parts[] = {"GET",        "POST",
                                    " ",          "/",
                                    "HTTP/1.1",   "\r\n",
                                    "\r\n\r\n",   "Host",
                                    ": x",        "Transfer-Encoding",
                                    ": chunked",  "Content-Length",
                                    ": 3",        "abc",
                                    "0",          "5;x",
                                    "\t",         "\xff",
                                    ",",          ";",
                                    "\r",         "\n",
                                    "Expect",     ": 100-continue",
                                    "Connection", ": close",
                                    "%2f"};
  for (int round = 0; round < 20'000; ++round) {
    std::string text =
        round % 2 == 0 ? "" : "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    const std::size_t count = random() % 24;
    for (std::size_t i = 0; i < count; ++i) text += parts[random() % std::size(parts)];
    request_reader fresh{budget};
    req.reset();
    std::size_t fed = 0;
    progress state = progress::more;
    while (fed < text.size() && state != progress::refused && state != progress::whole) {
      const auto space = fresh.lend();
      ASSERT_FALSE(space.empty());
      const std::size_t size = std::min({text.size() - fed, space.size(), 1 + random() % 40});
      std::memcpy(space.data(), text.data() + fed, size);
      fresh.commit(size);
      fed += size;
      state = fresh.advance(req, limits);
      if (state == progress::head && fresh.has_body()) state = fresh.accept_body(req, limits);
      if (state == progress::head || state == progress::more) state = fresh.advance(req, limits);
    }
  }
}

}  // namespace
}  // namespace kernd::http
