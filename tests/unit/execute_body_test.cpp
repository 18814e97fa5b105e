#include "kernd/execute_body.hpp"

#include "src/json_syntax.hpp"
#include "tests/support/random_words.hpp"
#include "unit/codec_probe.hpp"

#include <chrono>

namespace kernd {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

struct vector_input {
  array<float> x;
  float alpha = 1.5F;
  bool exact = false;
};
BOOST_DESCRIBE_STRUCT(vector_input, (), (x, alpha, exact))

struct ExecuteBodyTest : ::testing::Test {
  test::codec_probe<vector_input> probe;

  job_metadata metadata(std::string_view text) {
    auto body = probe.open(R"({"metadata":)" + std::string{text} + R"(,"input":{"x":[]}})");
    EXPECT_TRUE(body) << text << "\n" << (body ? "" : body.error().message);
    return body ? body->metadata : job_metadata{};
  }

  std::string metadata_refusal(std::string_view text) {
    return probe.refusal_of_body(R"({"metadata":)" + std::string{text} + R"(,"input":{"x":[]}})");
  }
};

TEST_F(ExecuteBodyTest, TakesItsMembersInAnyOrder) {
  for (const char* text :
       {R"({"input":{"x":[1]},"metadata":{"priority":7}})",
        R"({"metadata":{"priority":7},"input":{"x":[1]}})",
        R"( { "\u0069nput" : { "x" : [ 1 ] } , "metad\u0061ta" : { "priority" : 7 } } )"}) {
    const auto body = probe.open(text);

    ASSERT_TRUE(body) << body.error().message;
    EXPECT_EQ(static_cast<const vector_input*>(body->input)->x[0], 1.0F);
    EXPECT_EQ(body->metadata.priority, 7);
  }
}

TEST_F(ExecuteBodyTest, ReportsTheDefaultsThatApplied) {
  EXPECT_EQ(probe.open(R"({"input":{"x":[]}})")->params_used, R"("alpha":1.5,"exact":false)");
  EXPECT_EQ(probe.open(R"({"input":{"exact":true,"x":[]}})")->params_used, R"("alpha":1.5)");
  EXPECT_EQ(probe.open(R"({"input":{"exact":true,"x":[],"alpha":1.5}})")->params_used, "");
}

TEST_F(ExecuteBodyTest, RefusesABodyThatIsNotAnObject) {
  EXPECT_EQ(probe.refusal_of_body("[]"),
            "the body: object with the member input expected, found an array");
  EXPECT_EQ(probe.code(), errc::invalid_request);
  for (const char* text : {"1", "\"input\"", "true", "null"}) {
    EXPECT_EQ(probe.refusal_of_body(text),
              "the body: object with the member input expected, found a single value");
    EXPECT_EQ(probe.code(), errc::invalid_request);
  }
}

TEST_F(ExecuteBodyTest, RefusesABodyWithoutInput) {
  for (const char* text : {"{}", R"({"metadata":{}})"}) {
    EXPECT_EQ(probe.refusal_of_body(text), "/input: a value expected, found nothing");
    EXPECT_EQ(probe.code(), errc::invalid_request);
  }
}

TEST_F(ExecuteBodyTest, RefusesAnInputThatIsNotAnObject) {
  EXPECT_EQ(probe.refusal("null"), "/input: object expected, found null");
  EXPECT_EQ(probe.code(), errc::invalid_input);
  EXPECT_EQ(probe.refusal("[1]"), "/input: object expected, found an array");
  EXPECT_EQ(probe.refusal("NaN"), "/input: object expected, found NaN");
}

TEST_F(ExecuteBodyTest, NamesAnUnknownMember) {
  EXPECT_EQ(probe.refusal_of_body(R"({"inputs":{}})"),
            "/inputs: one of the members input, metadata expected, found that name; did you mean "
            "`input`?");
  EXPECT_EQ(probe.code(), errc::invalid_request);
}

TEST_F(ExecuteBodyTest, EscapesNamesInPointers) {
  EXPECT_EQ(probe.refusal_of_body(R"({"a/b~c":1})"),
            "/a~1b~0c: one of the members input, metadata expected, found that name");
  EXPECT_EQ(probe.refusal(R"({"~/":1})"),
            "/input/~0~1: one of the members x, alpha, exact expected, found that name");
  EXPECT_EQ(probe.refusal(R"({"":1})"),
            "/input/: one of the members x, alpha, exact expected, found that name");
}

TEST_F(ExecuteBodyTest, RefusesASecondMemberOfTheSameName) {
  EXPECT_EQ(probe.refusal_of_body(R"({"input":{"x":[]},"input":{"x":[]}})"),
            "/input: one member of that name expected, found a second one");
  EXPECT_EQ(probe.refusal_of_body(R"({"metadata":{},"input":{"x":[]},"m\u0065tadata":{}})"),
            "/metadata: one member of that name expected, found a second one");
}

TEST_F(ExecuteBodyTest, GivesTheOffsetOfASyntaxError) {
  EXPECT_EQ(probe.refusal_of_body(""), "the body is empty");
  EXPECT_EQ(probe.refusal_of_body("  "), "not JSON at byte offset 2: unexpected end");
  EXPECT_EQ(probe.refusal_of_body(R"({"input":{"x":[1,,2]}})"),
            "not JSON at byte offset 17: unexpected ','");
  EXPECT_EQ(probe.refusal_of_body(R"({"input":{"x":[1,2})"),
            "not JSON at byte offset 18: unexpected '}'");
  EXPECT_EQ(probe.refusal_of_body(R"({"input":{"x":[1)"),
            "not JSON at byte offset 16: unexpected end");
  EXPECT_EQ(probe.refusal_of_body(R"({"input":{"x":[1e999)"),
            "not JSON at byte offset 20: unexpected end");
  EXPECT_EQ(probe.refusal_of_body(R"({"metadata":{"a":[1,}]},"input":{"x":[]}})"),
            "not JSON at byte offset 20: unexpected '}'");
  EXPECT_EQ(probe.code(), errc::invalid_json);
}

TEST_F(ExecuteBodyTest, RefusesTextAfterTheBody) {
  EXPECT_EQ(probe.refusal_of_body(R"({"input":{"x":[]}} 1)"),
            "not JSON at byte offset 19: unexpected '1'");
  EXPECT_EQ(probe.refusal_of_body(R"({"input":{"x":[]}}})"),
            "not JSON at byte offset 18: unexpected '}'");
  EXPECT_EQ(probe.refusal_of_body(R"({"input":{"x":[]}},)"),
            "not JSON at byte offset 18: unexpected ','");
}

TEST_F(ExecuteBodyTest, SurvivesDeepNesting) {
  const std::size_t depth = 200'000;
  const std::string deep = std::string(depth, '[') + std::string(depth, ']');
  const std::string message = "nested deeper than 64 levels at byte offset ";

  EXPECT_EQ(probe.refusal(R"({"x":)" + deep + "}"), message + "76");
  EXPECT_EQ(probe.refusal_of_body(deep), message + "64");
}

TEST_F(ExecuteBodyTest, DecodesALargeBodyAfterASmallOneAndBack) {
  const std::string small = R"({"x":[1]})";
  std::string large = R"({"x":[1)";
  for (int i = 0; i < 200'000; ++i) large += ",1.5e+001";
  large += "]}";

  EXPECT_EQ(probe.accept(small).x.size, 1u);
  EXPECT_EQ(probe.accept(large).x.size, 200'001u);
  EXPECT_EQ(probe.accept(small).x.size, 1u);
}

TEST_F(ExecuteBodyTest, ThrowsWhenTheInputOutgrowsTheJobsMemory) {
  arena memory{1024};
  json_reader reader{64};
  std::string text = R"({"input":{"x":[0)";
  for (int i = 0; i < 300; ++i) text += ",0";
  text += "]}}";

  EXPECT_THROW(
      static_cast<void>(decode_execute_body(reader, text_buffer{text}, probe.coder(), memory, 1s)),
      memory_limit_error);
  memory.reset(1 << 16);
  EXPECT_TRUE(decode_execute_body(reader, text_buffer{text}, probe.coder(), memory, 1s));
}

TEST_F(ExecuteBodyTest, ReadsEveryMemberOfTheMetadata) {
  const auto read = metadata(R"({"timeout_ms":5000,"priority":10,"tenant_id":"a\u0062",)"
                             R"("trace_id":"t","span_id":"s"})");

  EXPECT_EQ(read.timeout, milliseconds{5000});
  EXPECT_EQ(read.priority, 10);
  EXPECT_EQ(read.tenant_id, "ab");
  EXPECT_EQ(read.trace_id, "t");
  EXPECT_EQ(read.span_id, "s");
}

TEST_F(ExecuteBodyTest, TakesNullMetadataMembersAsAbsent) {
  const auto read = metadata(R"({"timeout_ms":null,"priority":null,"tenant_id":null,)"
                             R"("trace_id":null,"span_id":null})");

  EXPECT_FALSE(read.timeout || read.priority || read.tenant_id || read.trace_id || read.span_id);
  EXPECT_FALSE(metadata("{}").timeout);
}

TEST_F(ExecuteBodyTest, HoldsMetadataToItsBounds) {
  EXPECT_EQ(metadata(R"({"timeout_ms":1})").timeout, milliseconds{1});
  EXPECT_EQ(metadata(R"({"timeout_ms":60000})").timeout, milliseconds{60'000});
  EXPECT_EQ(metadata(R"({"priority":0})").priority, 0);
  const std::string timeouts = "/metadata/timeout_ms: integer from 1 to 60000 expected";
  for (const char* bad : {"0", "-1", "60001", "9223372036854775808", "18446744073709551616", "1.0",
                          "1e3", "1e999", "\"5\"", "true", "[]"}) {
    const std::string message = metadata_refusal(R"({"timeout_ms":)" + std::string{bad} + "}");
    EXPECT_EQ(message.substr(0, timeouts.size()), timeouts) << message;
    EXPECT_EQ(probe.code(), errc::invalid_request);
  }
  EXPECT_EQ(metadata_refusal(R"({"priority":11})"),
            "/metadata/priority: integer from 0 to 10 expected, found 11");
  EXPECT_EQ(metadata_refusal(R"({"priority":-1})"),
            "/metadata/priority: integer from 0 to 10 expected, found -1");
}

TEST_F(ExecuteBodyTest, BoundsTheTextsOfTheMetadata) {
  const std::string longest(256, 'a');
  for (const std::string name : {"tenant_id", "trace_id", "span_id"}) {
    metadata("{\"" + name + "\":\"" + longest + "\"}");
    EXPECT_EQ(
        metadata_refusal("{\"" + name + "\":\"" + longest + "a\"}").substr(0, 58),
        ("/metadata/" + name + ": string of at most 256 bytes expected, found").substr(0, 58));
    EXPECT_EQ(metadata_refusal("{\"" + name + "\":5}"),
              "/metadata/" + name + ": string of at most 256 bytes expected, found 5");
  }
}

TEST_F(ExecuteBodyTest, IgnoresUnknownMetadataThatIsJson) {
  EXPECT_EQ(metadata(R"({"other":[{"a":"\ud83d\ude00"},1e999,-0.0,null],"priority":3})").priority,
            3);
}

TEST_F(ExecuteBodyTest, RefusesUnknownMetadataThatIsNotJson) {
  EXPECT_EQ(metadata_refusal(R"({"other":tru})"), "not JSON at byte offset 24: unexpected '}'");
  EXPECT_EQ(metadata_refusal(R"({"other":[1,]})"), "not JSON at byte offset 24: unexpected ']'");
  EXPECT_EQ(metadata_refusal(R"({"other":NaN})"), "not JSON at byte offset 21: unexpected 'N'");
  EXPECT_EQ(metadata_refusal(R"({"other":"\ud800"})"),
            "not JSON at byte offset 22: unexpected '\\'");
}

TEST_F(ExecuteBodyTest, RefusesASecondMetadataMemberOfTheSameName) {
  const std::string message = "one member of that name expected, found a second one";
  EXPECT_EQ(metadata_refusal(R"({"priority":1,"priority":2})"), "/metadata/priority: " + message);
  EXPECT_EQ(metadata_refusal(R"({"priority":1,"pr\u0069ority":2})"),
            "/metadata/priority: " + message);
  EXPECT_EQ(metadata_refusal(R"({"other":1,"other":2})"), "/metadata/other: " + message);
}

TEST_F(ExecuteBodyTest, RefusesMetadataThatIsNotAnObject) {
  EXPECT_EQ(metadata_refusal("[]"), "/metadata: object expected, found an array");
  EXPECT_EQ(metadata_refusal("null"), "/metadata: object expected, found null");
  EXPECT_EQ(metadata_refusal("\"x\""), "/metadata: object expected, found \"x\"");
}

TEST_F(ExecuteBodyTest, BoundsTheSizeOfTheMetadata) {
  const std::string frame = R"({"a":""})";
  const std::string fits = R"({"a":")" + std::string(16 * 1024 - frame.size(), 'x') + R"("})";
  const std::string larger = R"({"a":")" + std::string(16 * 1024 - frame.size() + 1, 'x') + R"("})";

  metadata(fits);
  metadata(fits + "   ");
  EXPECT_EQ(metadata_refusal(larger), "/metadata: at most 16384 bytes expected, found 16385");
}

TEST_F(ExecuteBodyTest, CountsTheDepthOfTheMetadataFromTheBody) {
  const auto nested = [](std::size_t levels) {
    return R"({"a":)" + std::string(levels, '[') + std::string(levels, ']') + "}";
  };

  metadata(nested(62));
  EXPECT_EQ(metadata_refusal(nested(63)), "nested deeper than 64 levels at byte offset 79");
}

struct PeekMetadataTest : ::testing::Test {
  json_reader reader{64};

  job_metadata peek(std::string_view text) {
    return peek_metadata(reader, test::hostile_body(text), std::chrono::minutes{1});
  }
};

TEST_F(PeekMetadataTest, FindsMetadataOnEitherSideOfTheInput) {
  EXPECT_EQ(peek(R"({"metadata":{"timeout_ms":7},"input":{}})").timeout, milliseconds{7});
  EXPECT_EQ(peek(R"({"input":{"x":[1,"metadata"]},"metadata":{"priority":2}})").priority, 2);
}

TEST_F(PeekMetadataTest, IsEmptyWithoutMetadata) {
  EXPECT_FALSE(peek(R"({"input":{"metadata":{"timeout_ms":7}}})").timeout);
  EXPECT_FALSE(peek(R"({"input":{}})").timeout);
  EXPECT_FALSE(peek("").timeout);
}

TEST_F(PeekMetadataTest, LeavesTheAdmissionToTheHeadersWhenAnythingIsWrong) {
  for (const char* text :
       {R"({"metadata":{"timeout_ms":7,"priority":99}})", R"({"metadata":{"timeout_ms":7)",
        R"({"metadata":{"timeout_ms":7},"metadata":)", R"(["metadata",{"timeout_ms":7}])",
        R"({"metadata":[{"timeout_ms":7}]})", R"({"metadata":{"timeout_ms":7,"a":tru}})",
        R"({"metadata":{"timeout_ms":7,"timeout_ms":8}})", R"("metadata")"}) {
    const auto read = peek(text);
    EXPECT_FALSE(read.timeout || read.priority) << text;
  }
  EXPECT_EQ(peek(R"({"metadata":{"timeout_ms":7}})").timeout, milliseconds{7});
}

TEST_F(PeekMetadataTest, FindsTheIdsAroundWhatIsWrong) {
  const auto read = peek(R"({"metadata":{"trace_id":"t","timeout_ms":60001,"span_id":5,)"
                         R"("tenant_id":"a","tenant_id":"b"},"input":{"x":[1,]}})");

  EXPECT_EQ(read.trace_id, "t");
  EXPECT_EQ(read.tenant_id, "a");
  EXPECT_FALSE(read.span_id || read.timeout);
}

TEST_F(PeekMetadataTest, DoesNotThrowOnNumbersThatNoTypeHolds) {
  EXPECT_EQ(peek(R"({"metadata":{"priority":2,"a":1e999}})").priority, 2);
}

/// Random edits of a body: the decoder must accept no text that is not JSON, and must say where
/// when it refuses one for that.
TEST_F(ExecuteBodyTest, AgreesWithTheGrammarOnMutatedBodies) {
  const std::string seed_text =
      R"({"input":{"x":[1,-2.5e-3,0],"alpha":1e2,"exact":true},"metadata":{"a":[{"b":"\u0041"},null]}})";
  const std::string alphabet = "{}[]\",:\\0123456789.eE+-tfnu \n\t\x01\xC3\xA9/ax";
  test::random_words random;
  for (int round = 0; round < 20'000; ++round) {
    std::string text = seed_text;
    for (auto edits = 1 + random() % 3; edits > 0 && !text.empty(); --edits) {
      const std::size_t at = random() % text.size();
      const char c = alphabet[random() % alphabet.size()];
      switch (random() % 4) {
        case 0:
          text[at] = c;
          break;
        case 1:
          text.erase(at, 1 + random() % 3);
          break;
        case 2:
          text.insert(at, 1, c);
          break;
        default:
          text.resize(at + 1);
      }
    }

    const auto body = probe.open(text);

    const auto syntax = find_syntax_error(text, 64);
    if (body) {
      ASSERT_FALSE(syntax) << text << "\n" << syntax->message;
    } else if (body.error().code == errc::invalid_json) {
      ASSERT_TRUE(syntax) << text << "\n" << body.error().message;
      ASSERT_EQ(body.error().message, syntax->message) << text;
    }
  }
}

}  // namespace
}  // namespace kernd
