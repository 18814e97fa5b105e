#include "tests/http/abuse/abuse_case.hpp"

namespace kernd::test::abuse {
namespace {

const answer no_input{400, "INVALID_REQUEST", "/input"};
const answer no_json{400, "INVALID_JSON"};
const answer too_large{413, "BODY_TOO_LARGE"};

std::string chunked(std::string_view chunks) {
  return raw_execute("Transfer-Encoding: chunked\r\n", chunks);
}

/// Chunks that are refused as such.
abuse_case bad(std::string name, std::string_view chunks) {
  return closes(std::move(name), chunked(chunks), {bad_request});
}

/// Chunks that make the body `{}`, which lacks its input.
abuse_case good(std::string name, std::string_view chunks) {
  return stays_open(std::move(name), chunked(chunks), {no_input});
}

void add_sizes(std::vector<abuse_case>& all) {
  all.insert(
      all.end(),
      {bad("ASizeThatIsNoNumber", "xyz\r\n{}\r\n0\r\n\r\n"),
       bad("ASizeBelowZero", "-2\r\n{}\r\n0\r\n\r\n"),
       bad("ASizeWithAPlus", "+2\r\n{}\r\n0\r\n\r\n"),
       bad("ASizeWithAPrefix", "0x2\r\n{}\r\n0\r\n\r\n"),
       bad("ASizeWithAnUnderscore", "0_2\r\n{}\r\n0\r\n\r\n"),
       bad("ASizeWithASpaceBefore", " 2\r\n{}\r\n0\r\n\r\n"),
       bad("ASizeWithASpaceBehind", "2 \r\n{}\r\n0\r\n\r\n"),
       bad("ASizeWithATabBehind", "2\t\r\n{}\r\n0\r\n\r\n"),
       bad("AnEmptySize", "\r\n{}\r\n0\r\n\r\n"),
       bad("ASizeBeyondEveryInteger", "10000000000000000\r\n{}\r\n0\r\n\r\n"),
       bad("ASizeThatWrapsAround", "10000000000000002\r\n{}\r\n0\r\n\r\n"),
       closes("TheLargestSize", chunked("ffffffffffffffff\r\n{}"), {too_large}),
       closes("ASizeOverTheLimit", chunked("10001\r\n{}"), {too_large}),
       closes("ChunksThatAddUpOverTheLimit",
              chunked("8000\r\n" + repeat(" ", 0x8000) + "\r\n8001\r\n "), {too_large}),
       good("ASizeWithZerosBefore", "00002\r\n{}\r\n000\r\n\r\n"),
       good("ASizeInCapitals", "0A\r\n{}        \r\n0\r\n\r\n"),
       good("ManySmallChunks", "1\r\n{\r\n1\r\n}\r\n" + repeat("1\r\n \r\n", 300) + "0\r\n\r\n"),
       stays_open("NoChunkButTheLast", chunked("0\r\n\r\n"), {no_json})});
}

void add_line_ends(std::vector<abuse_case>& all) {
  all.insert(all.end(),
             {bad("ALineFeedAloneBehindASize", "2\n{}\r\n0\r\n\r\n"),
              bad("ACarriageReturnAloneBehindASize", "2\r{}\r\n0\r\n\r\n"),
              bad("ALineFeedAloneBehindAChunk", "2\r\n{}\n0\r\n\r\n"),
              bad("NothingBehindAChunk", "2\r\n{}0\r\n\r\n"),
              bad("AChunkLongerThanItsSize", "2\r\n{}{}\r\n0\r\n\r\n"),
              bad("AChunkShorterThanItsSize", "4\r\n{}\r\n0\r\n\r\n"),
              bad("ALineFeedAloneBehindTheLastSize", "2\r\n{}\r\n0\n\r\n"),
              bad("ALineFeedAloneAtTheEnd", "2\r\n{}\r\n0\r\n\n"),
              bad("AZeroByteBehindASize", std::string_view{"2\0\r\n{}\r\n0\r\n\r\n", 14})});
}

void add_extensions(std::vector<abuse_case>& all) {
  all.insert(
      all.end(),
      {good("AnExtension", "2;a=b\r\n{}\r\n0;c\r\n\r\n"),
       good("AQuotedExtension", "2;a=\"b;\\\"c\"\r\n{}\r\n0\r\n\r\n"),
       bad("AnExtensionWithoutName", "2;\r\n{}\r\n0\r\n\r\n"),
       bad("AnExtensionWithoutValue", "2;a=\r\n{}\r\n0\r\n\r\n"),
       bad("AnExtensionThatStaysOpen", "2;a=\"b\r\n{}\r\n0\r\n\r\n"),
       bad("AnExtensionWithoutSemicolon", "2 a=b\r\n{}\r\n0\r\n\r\n"),
       bad("ALineFeedInAnExtension", "2;a\nb\r\n{}\r\n0\r\n\r\n"),
       bad("ALineFeedInAQuotedExtension", "2;a=\"\n\"\r\n{}\r\n0\r\n\r\n"),
       bad("ACarriageReturnInAnExtension", "2;a\rb\r\n{}\r\n0\r\n\r\n"),
       bad("AZeroByteInAnExtension", std::string_view{"2;a\0\r\n{}\r\n0\r\n\r\n", 16}),
       bad("ALongExtension", "2;" + repeat("e", header_limit + 100) + "\r\n{}\r\n0\r\n\r\n"),
       // RFC 9112, 7.1.1 asks for a limit on all of them.
       bad("LongExtensionsOfManyChunks", repeat("1;" + repeat("e", 1000) + "\r\n \r\n", 20))});
}

void add_trailers(std::vector<abuse_case>& all) {
  all.insert(all.end(),
             {good("ATrailer", "2\r\n{}\r\n0\r\nA: b\r\nC: d\r\n\r\n"),
              bad("ATrailerWithALength", "2\r\n{}\r\n0\r\nContent-Length: 5\r\n\r\n"),
              bad("ATrailerWithACoding", "2\r\n{}\r\n0\r\nTransfer-Encoding: gzip\r\n\r\n"),
              bad("ATrailerWithAHost", "2\r\n{}\r\n0\r\nHost: other\r\n\r\n"),
              bad("ATrailerWithoutColon", "2\r\n{}\r\n0\r\nGET / HTTP/1.1\r\n\r\n"),
              bad("ATrailerWithoutName", "2\r\n{}\r\n0\r\n: b\r\n\r\n"),
              bad("ATrailerWithASpaceBeforeItsColon", "2\r\n{}\r\n0\r\nA : b\r\n\r\n"),
              bad("AFoldedTrailer", "2\r\n{}\r\n0\r\nA: b\r\n c\r\n\r\n"),
              bad("ATrailerThatEndsWithALineFeed", "2\r\n{}\r\n0\r\nA: b\n\r\n"),
              bad("AControlByteInATrailer", "2\r\n{}\r\n0\r\nA: \x01\r\n\r\n"),
              bad("ALongTrailer", "2\r\n{}\r\n0\r\nA: " + repeat("b", header_limit) + "\r\n\r\n"),
              bad("ManyTrailers", "2\r\n{}\r\n0\r\n" + repeat("A: b\r\n", 4000) + "\r\n")});
}

}  // namespace

std::vector<abuse_case> chunk_cases() {
  std::vector<abuse_case> all;
  add_sizes(all);
  add_line_ends(all);
  add_extensions(all);
  add_trailers(all);
  return all;
}

}  // namespace kernd::test::abuse
