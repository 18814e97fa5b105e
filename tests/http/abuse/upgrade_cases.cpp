#include "tests/http/abuse/abuse_case.hpp"

namespace kernd::test::abuse {
namespace {

constexpr std::string_view upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
constexpr std::string_view version = "Sec-WebSocket-Version: 13\r\n";
constexpr std::string_view key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// A request for the WebSocket of the test's server.
std::string ask(std::string_view fields) {
  return head("GET /socket", fields);
}

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string all;
  for (const std::string_view part : parts) all += part;
  return all;
}

}  // namespace

std::vector<abuse_case> upgrade_cases() {
  const answer required{426, "UPGRADE_REQUIRED"};
  const answer other_version{426, "UPGRADE_REQUIRED", "version 13"};
  const answer no_key{400, "BAD_REQUEST", "Sec-WebSocket-Key"};
  const std::string all_fields = joined({upgrade, version, key});
  return {
      stays_open("APlainRequestForAWebSocket", ask({}), {required}),
      stays_open("AHeadRequestForAWebSocket", head("HEAD /socket", all_fields),
                 {{426, "UPGRADE_REQUIRED", {}, true}}),
      stays_open("AHandshakeByPost", head("POST /socket", all_fields),
                 {{405, "METHOD_NOT_ALLOWED"}}),
      stays_open("AHandshakeForAnUnknownPath", head("GET /nowhere", all_fields),
                 {{404, "NOT_FOUND"}}),
      closes("AHandshakeOverHttp10", joined({"GET /socket HTTP/1.0\r\n", all_fields, "\r\n"}),
             {required}),
      stays_open("AHandshakeForAnotherProtocol",
                 ask(joined({"Connection: Upgrade\r\nUpgrade: h2c\r\n", version, key})),
                 {required}),
      stays_open("AHandshakeWithoutItsConnectionHeader",
                 ask(joined({"Upgrade: websocket\r\n", version, key})),
                 {{400, "BAD_REQUEST", "Connection: Upgrade"}}),
      stays_open("AHandshakeWithoutAKey", ask(joined({upgrade, version})), {no_key}),
      stays_open("AHandshakeWithAnEmptyKey",
                 ask(joined({upgrade, version, "Sec-WebSocket-Key:\r\n"})), {no_key}),
      stays_open("AHandshakeWithAShortKey",
                 ask(joined({upgrade, version, "Sec-WebSocket-Key: c2hvcnQ=\r\n"})), {no_key}),
      stays_open("AHandshakeWithAKeyThatIsNotBase64",
                 ask(joined({upgrade, version, "Sec-WebSocket-Key: ######################==\r\n"})),
                 {no_key}),
      stays_open("AHandshakeWithTwoKeys", ask(joined({upgrade, version, key, key})), {no_key}),
      stays_open("AHandshakeWithoutAVersion", ask(joined({upgrade, key})), {other_version}),
      stays_open("AHandshakeOfAnOldVersion",
                 ask(joined({upgrade, "Sec-WebSocket-Version: 8\r\n", key})), {other_version}),
      stays_open("AHandshakeOfTwoVersions",
                 ask(joined({upgrade, version, "Sec-WebSocket-Version: 8\r\n", key})),
                 {other_version}),
      stays_open("AHandshakeWithABody", ask(joined({all_fields, "Content-Length: 3\r\n"})) + "abc",
                 {{400, "BAD_REQUEST", "has a body"}}),
      stays_open("AHandshakeWithChunks",
                 ask(joined({all_fields, "Transfer-Encoding: chunked\r\n"})) + "0\r\n\r\n",
                 {{400, "BAD_REQUEST", "has a body"}}),
      stays_open("AHandshakeFromAPageOfAnotherOrigin",
                 ask(joined({all_fields, "Origin: http://evil\r\n"})),
                 {{403, "PERMISSION_DENIED"}}),
      stays_open("AHandshakeFromAPageOfNoOrigin", ask(joined({all_fields, "Origin: null\r\n"})),
                 {{403, "PERMISSION_DENIED"}}),
      closes("FramesBehindARefusedHandshake",
             ask(joined({upgrade, version})) + "\x81\x85\x12\x34\x56\x78\x73\x56\x35\r\n\r\n",
             {no_key, bad_request}),
  };
}

}  // namespace kernd::test::abuse
