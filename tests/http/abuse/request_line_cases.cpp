#include "tests/http/abuse/abuse_case.hpp"

namespace kernd::test::abuse {
namespace {

std::string with_version(std::string_view version) {
  return "GET /health/live " + std::string{version} + "\r\nHost: test\r\n\r\n";
}

std::string with_line(std::string_view line) {
  return std::string{line} + "Host: test\r\n\r\n";
}

const answer other_version{505, "HTTP_VERSION_NOT_SUPPORTED"};

void add_versions(std::vector<abuse_case>& all) {
  all.insert(
      all.end(),
      {closes("Version9Point9", with_version("HTTP/9.9"), {other_version}),
       closes("Version2Point0", with_version("HTTP/2.0"), {other_version}),
       closes("Http2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {other_version}),
       // RFC 9110, 2.5 lets us take it for 1.1, too; whoever sends it means something that we do
       // not know.
       closes("Version1Point2", with_version("HTTP/1.2"), {other_version}),
       closes("Version0Point9", with_version("HTTP/0.9"), {other_version}),
       closes("NoVersion", "GET /health/live\r\n\r\n", {bad_request}),
       closes("VersionInSmallLetters", with_version("http/1.1"), {bad_request}),
       closes("VersionOfAnotherProtocol", with_version("HTTQ/1.1"), {bad_request}),
       closes("VersionWithTwoDigitsBehindThePoint", with_version("HTTP/1.10"), {bad_request}),
       closes("VersionWithTwoDigitsBeforeThePoint", with_version("HTTP/01.1"), {bad_request}),
       closes("VersionWithoutMinorNumber", with_version("HTTP/1"), {bad_request}),
       closes("VersionWithAComma", with_version("HTTP/1,1"), {bad_request}),
       closes("VersionBeforeASpace", with_version("HTTP/1.1 "), {bad_request}),
       closes("VersionTwice", with_version("HTTP/1.1 HTTP/1.1"), {bad_request}),
       closes("AnOldVersionWithoutHost", "GET /health/live HTTP/1.0\r\n\r\n", {ok}),
       stays_open("AnOldVersionThatAsksToStay",
                  "GET /health/live HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", {ok}),
       closes("AnOldVersionWithABody",
              "POST /api/v1/kernels/core/axpy/execute HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}",
              {{400, "INVALID_REQUEST", "/input"}})});
}

void add_spaces(std::vector<abuse_case>& all) {
  all.insert(
      all.end(),
      {closes("ASpaceBeforeTheMethod", with_line(" GET /health/live HTTP/1.1\r\n"), {bad_request}),
       closes("TwoSpacesBeforeTheTarget", with_line("GET  /health/live HTTP/1.1\r\n"),
              {bad_request}),
       closes("TwoSpacesBehindTheTarget", with_line("GET /health/live  HTTP/1.1\r\n"),
              {bad_request}),
       closes("ATabInTheRequestLine", with_line("GET\t/health/live HTTP/1.1\r\n"), {bad_request}),
       closes("AFormFeedInTheRequestLine", with_line("GET\f/health/live HTTP/1.1\r\n"),
              {bad_request}),
       closes("ASpaceInTheTarget", with_line("GET /health /live HTTP/1.1\r\n"), {bad_request}),
       closes("NoTarget", with_line("GET HTTP/1.1\r\n"), {bad_request}),
       closes("AnEmptyTarget", with_line("GET  HTTP/1.1\r\n"), {bad_request}),
       closes("ALineFeedAloneEndsTheRequestLine", with_line("GET /health/live HTTP/1.1\n"),
              {bad_request}),
       closes("ACarriageReturnAloneEndsTheRequestLine", with_line("GET /health/live HTTP/1.1\r"),
              {bad_request}),
       closes("TwoCarriageReturnsEndTheRequestLine", with_line("GET /health/live HTTP/1.1\r\r\n"),
              {bad_request}),
       closes("LineFeedsAloneEverywhere", "GET /health/live HTTP/1.1\nHost: test\n\n",
              {bad_request})});
}

void add_other_protocols(std::vector<abuse_case>& all) {
  using namespace std::string_literals;
  const std::string client_hello =
      "\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03"s + repeat("\x5a", 32) +
      "\x00\x00\x1c\x13\x01\x13\x02\xc0\x2b\xc0\x2f\x01\x00\x00\x7f"s + repeat("\xa5", 127);
  std::string every_byte;
  for (int c = 128; c < 128 + 256; ++c) every_byte += static_cast<char>(c & 0xff);
  all.insert(
      all.end(),
      {closes("ATlsClientHello", client_hello, {bad_request}),
       closes("EveryByteThereIs", every_byte, {bad_request}),
       closes("NothingButZeros", std::string(64, '\0'), {bad_request}),
       closes("ASshBanner", "SSH-2.0-OpenSSH_9.2\r\n", {bad_request}),
       closes("ASmtpGreeting", "EHLO example.org\r\n", {bad_request}),
       closes("AProxyProtocolLine", "PROXY TCP4 192.0.2.1 192.0.2.2 5000 80\r\n" + live(),
              {bad_request}),
       closes("AStatusLine", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", {bad_request}),
       closes("OneWord", "GARBAGE\r\n\r\n", {bad_request}),
       stays_open("EmptyLinesBeforeTheRequest", "\r\n\r\n" + live(), {ok}),
       // RFC 9112, 2.2 asks to ignore one at least; without end they would hold a connection.
       closes("EmptyLinesWithoutEnd", repeat("\r\n", 40), {bad_request}),
       closes("ALineFeedAloneBeforeTheRequest", "\n" + live(), {bad_request})});
}

}  // namespace

std::vector<abuse_case> request_line_cases() {
  std::vector<abuse_case> all;
  add_versions(all);
  add_spaces(all);
  add_other_protocols(all);
  return all;
}

}  // namespace kernd::test::abuse
