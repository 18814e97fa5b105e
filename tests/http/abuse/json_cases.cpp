#include "tests/http/abuse/abuse_case.hpp"

namespace kernd::test::abuse {
namespace {

using namespace std::string_view_literals;

abuse_case with(std::string name, std::string_view body, answer expected) {
  return stays_open(std::move(name), execute("core/axpy", body), {std::move(expected)});
}

abuse_case broken(std::string name, std::string_view body) {
  return with(std::move(name), body, {400, "INVALID_JSON"});
}

abuse_case wrong(std::string name, std::string_view body, std::string pointer) {
  return with(std::move(name), body,
              {400, "INVALID_REQUEST", "\"pointer\":\"" + std::move(pointer) + "\""});
}

std::string nested(std::string_view open, std::string_view close, std::size_t depth) {
  return R"({"input":)" + repeat(open, depth) + repeat(close, depth) + "}";
}

void add_syntax(std::vector<abuse_case>& all) {
  all.insert(
      all.end(),
      {with("AnEmptyBody", "", {400, "INVALID_JSON"}), broken("ABodyOfSpaces", "   \r\n\t "),
       broken("AWordThatIsNoJson", "hello"),
       with("ACommaTooMany", R"({"input":{"x":[1,],"y":[1]}})", {400, "INVALID_JSON", "byte"}),
       broken("ACommaAtTheEndOfAnObject", R"({"input":{"x":[1],"y":[1],}})"),
       broken("AMissingComma", R"({"input":{"x":[1 2],"y":[1]}})"),
       broken("AMissingColon", R"({"input" {"x":[1],"y":[1]}})"),
       broken("JsonThatIsCutOff", R"({"input":{"x":[1,2)"),
       broken("AStringThatIsCutOff", R"({"input":{"x)"),
       broken("TextBehindTheJson", R"({"input":{"x":[1],"y":[1]}} x)"),
       broken("TwoDocuments", R"({"input":{"x":[1],"y":[1]}}{})"),
       broken("AZeroByteBehindTheJson", "{\"input\":{\"x\":[1],\"y\":[1]}}\0"sv),
       broken("AZeroByteInTheJson", "{\"input\":\0{}}"sv),
       broken("SingleQuotes", R"({'input':{'x':[1],'y':[1]}})"),
       broken("NamesWithoutQuotes", R"({input:{x:[1],y:[1]}})"),
       broken("AComment", R"({"input":{"x":[1],"y":[1]}/* two */})"),
       broken("AFormFeedBetweenTokens", "{\f\"input\":{}}"),
       // RFC 8259, 8.1 lets us skip it, too.
       broken("AByteOrderMark", "\xef\xbb\xbf{\"input\":{\"x\":[1],\"y\":[1]}}"),
       broken("Utf16", "{\0\"\0i\0\"\0:\0001\0}\0"sv),
       broken("BytesThatAreNoUtf8",
              "{\"input\":{\"x\":[1],\"y\":[1]},\"metadata\":"
              "{\"tenant_id\":\"\xff\xfe\"}}"),
       broken("AnOverlongCharacter", "{\"\xc0\xaf\":1}"),
       broken("HalfOfASurrogatePair", "{\"\xed\xa0\x80\":1}"),
       broken("AnEscapedHalfOfASurrogatePair", R"({"\ud800":1})"),
       broken("AnUnknownEscape", R"({"\x":1})"), broken("AnEscapeThatEnds", R"({"\u12":1})"),
       broken("ALineFeedInAString", "{\"in\nput\":1}")});
}

void add_numbers(std::vector<abuse_case>& all) {
  const auto number = [](std::string name, std::string_view text) {
    return broken(std::move(name), R"({"input":{"x":[)" + std::string{text} + R"(],"y":[1]}})");
  };
  all.insert(
      all.end(),
      {number("ANumberWithAPlus", "+1"), number("ANumberWithZerosBefore", "01"),
       number("ANumberThatStartsWithAPoint", ".5"), number("ANumberThatEndsWithAPoint", "5."),
       number("ANumberWithoutExponent", "1e"), number("ANumberInHexadecimal", "0x10"),
       number("AMinusAlone", "-"), number("TwoMinuses", "--1"), number("CapitalTrue", "True")});
}

void add_shapes(std::vector<abuse_case>& all) {
  const std::string good = R"("input":{"x":[1],"y":[2]})";
  all.insert(
      all.end(),
      {wrong("AListInsteadOfAnObject", "[]", ""),
       wrong("ANumberInsteadOfAnObject", "1", ""),
       wrong("NullInsteadOfAnObject", "null", ""),
       wrong("AStringInsteadOfAnObject", "\"\"", ""),
       wrong("NoInput", "{}", "/input"),
       wrong("AMisspelledInput", R"({"inputs":{}})", "/inputs"),
       wrong("AnUnknownMember", "{" + good + R"(,"extra":1})", "/extra"),
       wrong("TheInputTwice", "{" + good + "," + good + "}", "/input"),
       wrong("TheMetadataTwice", "{" + good + R"(,"metadata":{},"metadata":{}})", "/metadata"),
       wrong("MetadataThatAreAList", "{" + good + R"(,"metadata":[]})", "/metadata"),
       wrong("ATimeoutOfZeroInTheBody", "{" + good + R"(,"metadata":{"timeout_ms":0}})",
             "/metadata/timeout_ms"),
       wrong("ATimeoutInTheBodyThatIsAString", "{" + good + R"(,"metadata":{"timeout_ms":"5"}})",
             "/metadata/timeout_ms"),
       wrong("APriorityInTheBodyBeyondTheHighest", "{" + good + R"(,"metadata":{"priority":11}})",
             "/metadata/priority"),
       wrong("ATenantInTheBodyThatIsANumber", "{" + good + R"(,"metadata":{"tenant_id":1}})",
             "/metadata/tenant_id"),
       with("MetadataThatNobodyKnows", "{" + good + R"(,"metadata":{"colour":"red"}})", ok),
       wrong("MetadataThatAreNull", "{" + good + R"(,"metadata":null})", "/metadata"),
       with("AnEscapedMemberName", R"({"\u0069nput":{"x":[1],"y":[2]}})", ok),
       broken("ListsBeyondTheDepth", nested("[", "]", depth_limit + 1)),
       broken("ObjectsBeyondTheDepth", nested(R"({"a":)", "}", depth_limit + 1)),
       broken("ListsOfTheDepthOfABody", nested("[", "]", 30'000)),
       broken("AnOpenBracketPerByte", repeat("[", body_limit))});
}

}  // namespace

std::vector<abuse_case> json_cases() {
  std::vector<abuse_case> all;
  add_syntax(all);
  add_numbers(all);
  add_shapes(all);
  return all;
}

}  // namespace kernd::test::abuse
