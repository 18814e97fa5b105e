#include "tests/http/abuse/abuse_case.hpp"

namespace kernd::test::abuse {
namespace {

using namespace std::string_view_literals;

/// A request whose fields are all of it.
std::string only(std::string_view fields) {
  return "GET /health/live HTTP/1.1\r\n" + std::string{fields} + "\r\n";
}

void add_hosts(std::vector<abuse_case>& all) {
  all.insert(all.end(),
             {closes("NoHost", only(""), {bad_request}),
              closes("TwoHosts", only("Host: a\r\nHost: b\r\n"), {bad_request}),
              closes("TheSameHostTwice", only("Host: a\r\nHost: a\r\n"), {bad_request}),
              closes("TwoHostsOfAnOldVersion",
                     "GET /health/live HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", {bad_request}),
              closes("AHostWithASpace", only("Host: a b\r\n"), {bad_request}),
              closes("AHostWithAPath", only("Host: a/b\r\n"), {bad_request}),
              closes("AHostWithAUser", only("Host: user@a\r\n"), {bad_request}),
              closes("AListOfHosts", only("Host: a, b\r\n"), {bad_request}),
              closes("AHostWithAScheme", only("Host: http://a\r\n"), {bad_request}),
              closes("AHostWithTwoPorts", only("Host: a:1:2\r\n"), {bad_request}),
              closes("AHostWithAPortOfLetters", only("Host: a:http\r\n"), {bad_request}),
              closes("AHostWithAnOpenBracket", only("Host: [::1\r\n"), {bad_request}),
              closes("AHostWithABracketInside", only("Host: a]b\r\n"), {bad_request}),
              closes("AHostWithTextBehindItsBracket", only("Host: [::1]a\r\n"), {bad_request}),
              closes("AHostWithABadEscape", only("Host: a%zz\r\n"), {bad_request}),
              closes("AHostBeyondAscii", only("Host: \xc3\xa9\r\n"), {bad_request}),
              // RFC 9112, 3.2: what a client sends whose URI has no authority.
              stays_open("AnEmptyHost", only("Host:\r\n"), {ok}),
              stays_open("AHostWithAPort", only("Host: a:8080\r\n"), {ok}),
              stays_open("AHostThatIsAnAddress", only("Host: [2001:db8::1]:8080\r\n"), {ok})});
}

void add_names(std::vector<abuse_case>& all) {
  all.insert(all.end(),
             {closes("ASpaceBeforeTheColon", live("A : b\r\n"), {bad_request}),
              closes("ATabBeforeTheColon", live("A\t: b\r\n"), {bad_request}),
              closes("AnEmptyFieldName", live(": b\r\n"), {bad_request}),
              closes("ASpaceInAFieldName", live("A B: c\r\n"), {bad_request}),
              closes("NoColon", live("Nothing\r\n"), {bad_request}),
              closes("AZeroInAFieldName", live("A\0B: c\r\n"sv), {bad_request}),
              closes("AControlByteInAFieldName", live("A\x01: c\r\n"), {bad_request}),
              closes("AFieldNameBeyondAscii", live("\xc3\xa9: c\r\n"), {bad_request}),
              closes("ASeparatorInAFieldName", live("A(b): c\r\n"), {bad_request}),
              closes("AFirstFieldThatStartsWithASpace", only(" Host: test\r\n"), {bad_request}),
              stays_open("AFieldNameOfSymbols", live("!#$%&'*+-.^_`|~: c\r\n"), {ok})});
}

void add_values(std::vector<abuse_case>& all) {
  all.insert(
      all.end(),
      // RFC 9112, 5.2 lets us unfold it, too; only attackers fold lines today.
      {closes("AFoldedValue", live("A: b\r\n c\r\n"), {bad_request}),
       closes("AValueFoldedByATab", live("A: b\r\n\tc\r\n"), {bad_request}),
       closes("AValueThatStartsOnTheNextLine", live("A:\r\n b\r\n"), {bad_request}),
       closes("AFoldedLineOfSpaces", live("A: b\r\n  \r\nC: d\r\n"), {bad_request}),
       closes("AnEmptyValueFoldedIntoNothing", live("A:\r\n \r\nC: d\r\n"), {bad_request}),
       closes("AFoldedCoding", raw_execute("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"),
              {bad_request}),
       closes("AFoldedLength", raw_execute("Content-Length:\r\n 2\r\n", "{}"), {bad_request}),
       closes("AZeroInAValue", live("A: b\0c\r\n"sv), {bad_request}),
       closes("AControlByteInAValue", live("A: b\x02\r\n"), {bad_request}),
       closes("ADeleteInAValue", live("A: b\x7f\r\n"), {bad_request}),
       closes("AnEscapeSequenceInAValue", live("A: \x1b[31m\r\n"), {bad_request}),
       closes("ALineFeedAloneEndsAField", live("A: b\nC: d\r\n"), {bad_request}),
       closes("ACarriageReturnAloneInAValue", live("A: b\rC: d\r\n"), {bad_request}),
       closes("ALineFeedAloneEndsTheHead",
              "GET /health/live HTTP/1.1\r\nHost: test\r\n\nA: b\r\n\r\n", {bad_request}),
       closes("ACarriageReturnAloneEndsTheHead",
              "GET /health/live HTTP/1.1\r\nHost: test\r\n\rA: b\r\n\r\n", {bad_request}),
       stays_open("AnEmptyValue", live("A:\r\n"), {ok}),
       stays_open("AValueBetweenSpacesAndTabs", live("A: \t b \t \r\n"), {ok}),
       stays_open("AValueBeyondAscii", live("A: \xff\xfe\r\n"), {ok})});
}

void add_known_fields(std::vector<abuse_case>& all) {
  all.insert(
      all.end(),
      {closes("ConnectionClose", live("Connection: close\r\n"), {ok}),
       closes("ConnectionCloseInCapitals", live("CONNECTION: CLOSE\r\n"), {ok}),
       closes("ConnectionCloseInAList", live("Connection: upgrade, close\r\n"), {ok}),
       closes("ConnectionCloseBesideKeepAlive",
              live("Connection: keep-alive\r\nConnection: close\r\n"), {ok}),
       closes("AConnectionThatIsNoList", live("Connection: \"close\r\n"), {bad_request}),
       stays_open("ConnectionNamesOtherFields", live("Connection: Host, Content-Length\r\n"), {ok}),
       stays_open("AnUpgradeToHttp2",
                  live("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                       "HTTP2-Settings: AAMAAABk\r\n"),
                  {ok}),
       stays_open("AnUpgradeToWebSocket",
                  live("Connection: Upgrade\r\nUpgrade: websocket\r\n"
                       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"),
                  {ok}),
       stays_open("ARangeThatNobodyAskedFor", live("Range: bytes=0-0,-1,5-\r\n"), {ok}),
       stays_open("ARequestIdWithMarkup", live("X-Request-ID: <b>\"'\r\n"), {ok}),
       stays_open("ARequestIdThatIsTooLong", live("X-Request-ID: " + repeat("a", 5000) + "\r\n"),
                  {ok}),
       stays_open("ATraceThatIsNone", live("traceparent: 00-zz-zz-zz\r\n"), {ok}),
       stays_open("ATenantThatIsNoText", live("X-Tenant-ID: \xff\xfe\r\n"), {ok})});
}

}  // namespace

std::vector<abuse_case> field_cases() {
  std::vector<abuse_case> all;
  add_hosts(all);
  add_names(all);
  add_values(all);
  add_known_fields(all);
  return all;
}

}  // namespace kernd::test::abuse
