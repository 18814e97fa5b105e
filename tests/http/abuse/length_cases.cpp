#include "tests/http/abuse/abuse_case.hpp"

namespace kernd::test::abuse {
namespace {

const answer no_json{400, "INVALID_JSON"};
const answer no_input{400, "INVALID_REQUEST", "/input"};
const answer too_large{413, "BODY_TOO_LARGE"};
const answer unknown_coding{501, "UNSUPPORTED_TRANSFER_ENCODING"};

abuse_case bad_length(std::string name, std::string_view value) {
  return closes(std::move(name),
                raw_execute("Content-Length: " + std::string{value} + "\r\n", "{}"), {bad_request});
}

abuse_case too_long(std::string name, std::string_view value) {
  return closes(std::move(name), raw_execute("Content-Length: " + std::string{value} + "\r\n"),
                {too_large});
}

abuse_case bad_coding(std::string name, std::string_view fields, answer expected) {
  return closes(std::move(name), raw_execute(fields, "2\r\n{}\r\n0\r\n\r\n"),
                {std::move(expected)});
}

}  // namespace

std::vector<abuse_case> length_cases() {
  return {
      bad_length("ALengthBelowZero", "-1"),
      bad_length("ALengthWithAPlus", "+2"),
      bad_length("ALengthInHexadecimal", "0x2"),
      bad_length("ALengthWithAnExponent", "2e0"),
      bad_length("ALengthWithAFraction", "2.0"),
      bad_length("ALengthInQuotes", "\"2\""),
      bad_length("ALengthOfTwoWords", "2 2"),
      bad_length("ALengthThatIsNoNumber", "two"),
      bad_length("ALengthBeyondEveryInteger", "18446744073709551616"),
      bad_length("ALengthOfAHundredDigits", repeat("9", 100)),
      bad_length("AnEmptyLength", ""),
      bad_length("AListOfOneLengthAndNothing", "2,"),
      bad_length("AListOfDifferentLengths", "2, 3"),
      // RFC 9112, 6.3 lets us take the one value, too.
      bad_length("AListOfEqualLengths", "2, 2"),
      closes("TwoDifferentLengths", raw_execute("Content-Length: 2\r\nContent-Length: 3\r\n", "{}"),
             {bad_request}),
      closes("TwoEqualLengths", raw_execute("Content-Length: 2\r\nContent-Length: 2\r\n", "{}"),
             {bad_request}),
      too_long("ALengthOfTheLimitAndOne", std::to_string(body_limit + 1)),
      too_long("ALengthOf64Gigabytes", "68719476736"),
      too_long("ALengthOfAThousandTerabytes", "1000000000000000"),
      too_long("TheLongestLength", "18446744073709551615"),
      stays_open("ALengthWithZerosBefore", raw_execute("Content-Length: 0002\r\n", "{}"),
                 {no_input}),
      stays_open("ALengthOfZero", raw_execute("Content-Length: 0\r\n"), {no_json}),
      stays_open("NeitherLengthNorCoding", raw_execute(""), {no_json}),
      stays_open("ABodyOfAGet", live("Content-Length: 5\r\n") + "abcde", {ok}),
      // The rest is the next request.
      closes("ABodyLongerThanItsLength", raw_execute("Content-Length: 2\r\n", "{}{}\r\n"),
             {no_input, bad_request}),
      closes("ALengthBeforeACoding",
             raw_execute("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
                         "2\r\n{}\r\n0\r\n\r\n"),
             {bad_request}),
      closes("ACodingBeforeALength",
             raw_execute("Transfer-Encoding: chunked\r\nContent-Length: 2\r\n",
                         "2\r\n{}\r\n0\r\n\r\n"),
             {bad_request}),
      closes("ALengthOfZeroBesideACoding",
             raw_execute("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", "0\r\n\r\n"),
             {bad_request}),
      closes("ACodingOfAnOldVersion",
             "POST /api/v1/kernels/core/axpy/execute HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"
             "2\r\n{}\r\n0\r\n\r\n",
             {bad_request}),
      bad_coding("AnotherCodingBeforeChunks", "Transfer-Encoding: gzip, chunked\r\n",
                 unknown_coding),
      bad_coding("TwoOtherCodingsBeforeChunks", "Transfer-Encoding: br, gzip, chunked\r\n",
                 unknown_coding),
      // RFC 9112, 6.3: where chunks are not the last coding, nobody knows where the body ends.
      bad_coding("AnotherCodingAlone", "Transfer-Encoding: gzip\r\n", bad_request),
      bad_coding("AnotherCodingBehindChunks", "Transfer-Encoding: chunked, gzip\r\n", bad_request),
      bad_coding("IdentityAlone", "Transfer-Encoding: identity\r\n", bad_request),
      bad_coding("IdentityBehindChunks", "Transfer-Encoding: chunked, identity\r\n", bad_request),
      bad_coding("ChunksTwice", "Transfer-Encoding: chunked, chunked\r\n", bad_request),
      bad_coding("ChunksInTwoFields",
                 "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", bad_request),
      bad_coding("TwoCodingsInTwoFields",
                 "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", bad_request),
      bad_coding("AnotherCodingInTheSecondField",
                 "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n", bad_request),
      bad_coding("ACodingWithAnotherLetter", "Transfer-Encoding: xchunked\r\n", bad_request),
      bad_coding("ACodingInQuotes", "Transfer-Encoding: \"chunked\"\r\n", bad_request),
      bad_coding("ACodingWithAParameter", "Transfer-Encoding: chunked;q=1\r\n", bad_request),
      bad_coding("ACodingBehindAComma", "Transfer-Encoding: ,chunked\r\n", bad_request),
      bad_coding("ACodingBeforeAComma", "Transfer-Encoding: chunked,\r\n", bad_request),
      bad_coding("AnEmptyCoding", "Transfer-Encoding:\r\n", bad_request),
      bad_coding("ACodingBehindAVerticalTab",
                 "Transfer-Encoding: \x0b"
                 "chunked\r\n",
                 bad_request),
      bad_coding("ACodingWithASpaceBeforeTheColon", "Transfer-Encoding : chunked\r\n", bad_request),
      stays_open("ACodingInCapitals",
                 raw_execute("TRANSFER-ENCODING: CHUNKED\r\n", "2\r\n{}\r\n0\r\n\r\n"), {no_input}),
  };
}

}  // namespace kernd::test::abuse
