#include "request_reader_fixture.hpp"

#include <string>

namespace kernd::http {
namespace {

using progress = request_reader::progress;

struct refusal_case {
  errc code;
  const char* text;
};

class RequestReaderRefusesTest : public RequestReaderTest,
                                 public ::testing::WithParamInterface<refusal_case> {};

TEST_P(RequestReaderRefusesTest, Request) {
  EXPECT_EQ(refused(GetParam().text), GetParam().code);
}

INSTANTIATE_TEST_SUITE_P(
    Bad, RequestReaderRefusesTest,
    ::testing::Values(
        refusal_case{errc::bad_request, "\x16\x03\x01\x02\r\n"},
        refusal_case{errc::bad_request, "GARBAGE\r\n"},
        refusal_case{errc::bad_request, " GET / HTTP/1.1\r\n"},
        refusal_case{errc::bad_request, "GET  / HTTP/1.1\r\n"},
        refusal_case{errc::bad_request, "GET /\r\n"},
        refusal_case{errc::bad_request, "GET / HTTP/1.1 \r\nHost: x\r\n\r\n"},
        refusal_case{errc::bad_request, "GET / HTTQ/1.1\r\nHost: x\r\n\r\n"},
        refusal_case{errc::bad_request, "GET / http/1.1\r\nHost: x\r\n\r\n"},
        refusal_case{errc::bad_request, "GET / HTTP/1.1\nHost: x\n\n"},
        refusal_case{errc::bad_request, "GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n"},
        refusal_case{errc::http_version_not_supported, "GET / HTTP/2.0\r\nHost: x\r\n\r\n"},
        refusal_case{errc::http_version_not_supported, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
        refusal_case{errc::http_version_not_supported, "GET / HTTP/1.2\r\nHost: x\r\n\r\n"},
        refusal_case{errc::http_version_not_supported, "GET / HTTP/0.9\r\n\r\n"},
        refusal_case{errc::bad_request, "GET / HTTP/1.1\r\n\r\n"},
        refusal_case{errc::bad_request, "GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n"},
        refusal_case{errc::bad_request, "GET / HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n"},
        refusal_case{errc::bad_request, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"},
        refusal_case{errc::bad_request, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"},
        refusal_case{errc::bad_request, "GET / HTTP/1.1\r\nHost : x\r\n\r\n"},
        refusal_case{errc::bad_request, "GET / HTTP/1.1\r\nHost: x\r\nBad Name: y\r\n\r\n"},
        refusal_case{errc::bad_request, "GET / HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n"},
        refusal_case{errc::bad_request, "GET / HTTP/1.1\r\nHost: x\r\nA: b\x01\r\n\r\n"},
        refusal_case{errc::bad_request, "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n"},
        refusal_case{
            errc::bad_request,
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"},
        refusal_case{errc::bad_request,
                     "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 2\r\n\r\n"},
        refusal_case{
            errc::bad_request,
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n"},
        refusal_case{errc::bad_request, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"},
        refusal_case{errc::bad_request, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\n"},
        refusal_case{errc::bad_request, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1x\r\n\r\n"},
        refusal_case{errc::bad_request, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\n"},
        refusal_case{errc::bad_request,
                     "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n"},
        refusal_case{errc::bad_request,
                     "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: "
                     "chunked\r\n\r\n"},
        refusal_case{errc::bad_request,
                     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: "
                     "1\r\n\r\n"},
        refusal_case{errc::bad_request,
                     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                     "Transfer-Encoding: chunked\r\n\r\n"},
        refusal_case{errc::bad_request, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
        refusal_case{errc::unsupported_transfer_encoding,
                     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"},
        refusal_case{errc::bad_request,
                     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n"},
        refusal_case{errc::bad_request,
                     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\n"},
        refusal_case{errc::bad_request,
                     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n"},
        refusal_case{errc::expectation_failed,
                     "POST / HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\nContent-Length: 1\r\n\r\n"},
        refusal_case{errc::bad_request,
                     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"},
        refusal_case{errc::bad_request,
                     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
                     "chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n"},
        refusal_case{errc::bad_request,
                     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
                     "chunked\r\n\r\n-3\r\nabc\r\n0\r\n\r\n"},
        refusal_case{errc::bad_request,
                     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "11111111111111111\r\nabc\r\n0\r\n\r\n"},
        refusal_case{errc::bad_request,
                     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "0\r\nContent-Length: 5\r\n\r\n"}));

TEST_F(RequestReaderTest, TakesAHeadOfExactlyTheLimit) {
  limits.max_header_bytes = 1024;
  std::string text = "GET / HTTP/1.1\r\nHost: x\r\nA: ";
  text += std::string(1024 - text.size() - 4, 'v') + "\r\n\r\n";

  EXPECT_EQ(feed(text), progress::whole);
}

TEST_F(RequestReaderTest, RefusesAHeadOverTheLimit) {
  limits.max_header_bytes = 1024;
  std::string text = "GET / HTTP/1.1\r\nHost: x\r\nA: ";
  text += std::string(1025 - text.size() - 4, 'v') + "\r\n\r\n";

  EXPECT_EQ(refused(text), errc::headers_too_large);
}

TEST_F(RequestReaderTest, RefusesAHeadOverTheLimitInSmallLines) {
  limits.max_header_bytes = 1024;
  std::string text = "GET / HTTP/1.1\r\nHost: x\r\n";
  while (text.size() < 2000) text += "A: b\r\n";

  EXPECT_EQ(feed(text, 7), progress::refused);
  EXPECT_EQ(reader.refusal().code, errc::headers_too_large);
}

TEST_F(RequestReaderTest, TakesATargetOfExactlyTheLimit) {
  limits.max_header_bytes = 1024;

  EXPECT_EQ(feed("GET /" + std::string(511, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n"),
            progress::whole);
}

TEST_F(RequestReaderTest, RefusesATargetOverTheLimit) {
  limits.max_header_bytes = 1024;

  EXPECT_EQ(refused("GET /" + std::string(512, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n"),
            errc::uri_too_long);
}

TEST_F(RequestReaderTest, RefusesATargetThatFillsTheWholeHead) {
  limits.max_header_bytes = 1024;

  EXPECT_EQ(feed("GET /" + std::string(4000, 'a'), 100), progress::refused);
  EXPECT_EQ(reader.refusal().code, errc::uri_too_long);
}

TEST_F(RequestReaderTest, TakesABodyOfExactlyTheLimit) {
  limits.max_body_bytes = 4;

  EXPECT_EQ(feed("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nabcd"), progress::whole);
}

TEST_F(RequestReaderTest, RefusesABodyOverTheLimitFromItsLengthAlone) {
  limits.max_body_bytes = 4;

  EXPECT_EQ(refused("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"),
            errc::body_too_large);
}

TEST_F(RequestReaderTest, RefusesChunksOverTheLimit) {
  limits.max_body_bytes = 4;

  EXPECT_EQ(
      refused("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\n"),
      errc::body_too_large);
}

TEST_F(RequestReaderTest, RefusesAnEndlessChunkExtension) {
  ASSERT_EQ(feed("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;"),
            progress::more);

  EXPECT_EQ(feed(std::string(100'000, 'e')), progress::refused);
  EXPECT_EQ(reader.refusal().code, errc::bad_request);
}

TEST_F(RequestReaderTest, ForgetsInputOnceItIsDropped) {
  ASSERT_EQ(feed("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc"), progress::more);

  reader.drop_input();
  for (int i = 0; i < 100; ++i) reader.commit(reader.lend().size());

  EXPECT_EQ(reader.advance(req, limits), progress::more);
}

}  // namespace
}  // namespace kernd::http
