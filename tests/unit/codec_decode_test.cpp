#include "unit/codec_probe.hpp"

#include <boost/describe/enum.hpp>

namespace kernd {
namespace {

enum class pace : std::int8_t { backward = -1, still = 0, forward = 1 };
BOOST_DESCRIBE_ENUM(pace, backward, still, forward)

struct point {
  float x = 0;
  std::optional<float> y;
  text name;
};
BOOST_DESCRIBE_STRUCT(point, (), (x, y, name))

struct everything {
  bool flag = true;
  std::int32_t count = 3;
  pace direction = pace::forward;
  std::optional<text> label;
  std::optional<std::uint8_t> small;
  array<point> points;
  array<text> words;
  array<array<std::int32_t>> lists;
  array<pace> steps;
  point origin;
};
BOOST_DESCRIBE_STRUCT(everything, (),
                      (flag, count, direction, label, small, points, words, lists, steps, origin))

struct DecodeTest : ::testing::Test {
  test::codec_probe<everything> probe{{field<&everything::points>{.doc = "d", .required = false},
                                       field<&everything::words>{.doc = "d", .required = false},
                                       field<&everything::lists>{.doc = "d", .required = false},
                                       field<&everything::steps>{.doc = "d", .required = false},
                                       field<&everything::origin>{.doc = "d", .required = false},
                                       field<&point::name>{.doc = "d", .required = false}}};
};

TEST_F(DecodeTest, LeavesAbsentMembersAtTheirDefaults) {
  const auto value = probe.accept("{}");

  EXPECT_TRUE(value.flag);
  EXPECT_EQ(value.count, 3);
  EXPECT_EQ(value.direction, pace::forward);
  EXPECT_FALSE(value.label || value.small);
  EXPECT_EQ(value.points.size + value.words.size + value.lists.size, 0u);
}

TEST_F(DecodeTest, TakesMembersInAnyOrderAndSpelling) {
  for (const char* text :
       {R"({"flag":false,"count":-7,"direction":"backward"})",
        R"({"direction":"b\u0061ckward","flag":false,"count":-7})",
        R"({"c\u006Fun\u0074":-7,"\u0064irection":"backward","fla\u0067":false})"}) {
    const auto value = probe.accept(text);
    EXPECT_FALSE(value.flag);
    EXPECT_EQ(value.count, -7);
    EXPECT_EQ(value.direction, pace::backward);
  }
}

TEST_F(DecodeTest, RefusesASecondMemberHoweverItIsSpelt) {
  const std::string message = "/input/count: one member of that name expected, found a second one";
  EXPECT_EQ(probe.refusal(R"({"count":1,"count":1})"), message);
  EXPECT_EQ(probe.refusal(R"({"count":1,"coun\u0074":1})"), message);
  EXPECT_EQ(probe.code(), errc::invalid_input);
}

TEST_F(DecodeTest, SuggestsOnlyMembersThatAreStillOpen) {
  EXPECT_EQ(probe.refusal(R"({"count":1,"cuont":2})"),
            "/input/cuont: one of the members flag, count, direction, label, small, points, words, "
            "lists, steps, origin expected, found that name");
}

TEST_F(DecodeTest, NamesUnknownMembersAtEveryLevel) {
  EXPECT_EQ(probe.refusal(R"({"Count":1})"),
            "/input/Count: one of the members flag, count, direction, label, small, points, words, "
            "lists, steps, origin expected, found that name; did you mean `count`?");
  EXPECT_EQ(probe.refusal(R"({"points":[{"x":1},{"z":1}]})"),
            "/input/points/1/z: one of the members x, y, name expected, found that name");
  EXPECT_EQ(probe.refusal(R"({"origin":{"x":1,"x":2}})"),
            "/input/origin/x: one member of that name expected, found a second one");
}

TEST_F(DecodeTest, RefusesNullEverywhere) {
  EXPECT_EQ(probe.refusal(R"({"flag":null})"), "/input/flag: true or false expected, found null");
  EXPECT_EQ(probe.refusal(R"({"count":null})"), "/input/count: integer expected, found null");
  EXPECT_EQ(probe.refusal(R"({"label":null})"), "/input/label: string expected, found null");
  EXPECT_EQ(probe.refusal(R"({"small":null})"), "/input/small: integer expected, found null");
  EXPECT_EQ(probe.refusal(R"({"points":null})"), "/input/points: array expected, found null");
  EXPECT_EQ(probe.refusal(R"({"points":[null]})"), "/input/points/0: object expected, found null");
  EXPECT_EQ(probe.refusal(R"({"words":[null]})"), "/input/words/0: string expected, found null");
  EXPECT_EQ(probe.refusal(R"({"lists":[null]})"), "/input/lists/0: array expected, found null");
  EXPECT_EQ(probe.refusal(R"({"origin":null})"), "/input/origin: object expected, found null");
  EXPECT_EQ(probe.refusal(R"({"direction":null})"),
            R"(/input/direction: one of "backward", "still", "forward" expected, found null)");
}

TEST_F(DecodeTest, RefusesWrongTypes) {
  EXPECT_EQ(probe.refusal(R"({"flag":1})"), "/input/flag: true or false expected, found 1");
  EXPECT_EQ(probe.refusal(R"({"flag":"true"})"),
            R"(/input/flag: true or false expected, found "true")");
  EXPECT_EQ(probe.refusal(R"({"count":true})"), "/input/count: integer expected, found true");
  EXPECT_EQ(probe.refusal(R"({"count":{}})"), "/input/count: integer expected, found an object");
  EXPECT_EQ(probe.refusal(R"({"label":7})"), "/input/label: string expected, found 7");
  EXPECT_EQ(probe.refusal(R"({"label":["a"]})"), "/input/label: string expected, found an array");
  EXPECT_EQ(probe.refusal(R"({"points":{}})"), "/input/points: array expected, found an object");
  EXPECT_EQ(probe.refusal(R"({"points":[[]]})"),
            "/input/points/0: object expected, found an array");
  EXPECT_EQ(probe.refusal(R"({"lists":[[1],2]})"), "/input/lists/1: array expected, found 2");
  EXPECT_EQ(probe.refusal(R"({"lists":[[1],[2,"3"]]})"),
            R"(/input/lists/1/1: integer expected, found "3")");
  EXPECT_EQ(probe.refusal(R"({"origin":[]})"), "/input/origin: object expected, found an array");
}

TEST_F(DecodeTest, RefusesLiteralsThatJsonDoesNotHave) {
  EXPECT_EQ(probe.refusal(R"({"flag":tru})"), "not JSON at byte offset 20: unexpected '}'");
  EXPECT_EQ(probe.refusal(R"({"flag":truely})"), "not JSON at byte offset 21: unexpected 'l'");
  EXPECT_EQ(probe.refusal(R"({"flag":True})"), "not JSON at byte offset 17: unexpected 'T'");
  EXPECT_EQ(probe.refusal(R"({"flag":NaN})"), "/input/flag: true or false expected, found NaN");
  EXPECT_EQ(probe.refusal(R"({"label":Infinity})"),
            "/input/label: string expected, found Infinity");
}

TEST_F(DecodeTest, KnowsEnumeratorsByTheirExactNames) {
  const std::string message =
      R"(/input/direction: one of "backward", "still", "forward" expected, found )";
  for (const std::string text :
       {R"("Forward")", R"("")", R"("forward ")", R"("forwar")", "1", "[]", R"("-1")"}) {
    EXPECT_EQ(probe.refusal(R"({"direction":)" + text + "}"),
              message + (text == "[]" ? "an array" : text));
  }
}

TEST_F(DecodeTest, FillsOptionalsThatArePresent) {
  const auto value = probe.accept(R"({"label":"","small":255})");

  ASSERT_TRUE(value.label && value.small);
  EXPECT_EQ(value.label->size, 0u);
  EXPECT_EQ(*value.small, 255);
  EXPECT_EQ(probe.refusal(R"({"small":256})"),
            "/input/small: integer (u8, 0 to 255) expected, found 256");
}

TEST_F(DecodeTest, UnescapesText) {
  const auto value =
      probe.accept(R"({"words":["a\"\\\/\b\f\n\r\t","\u00e9\uD83D\ude00\u0000z","ü€"]})");

  ASSERT_EQ(value.words.size, 3u);
  EXPECT_EQ(value.words[0].view(), "a\"\\/\b\f\n\r\t");
  EXPECT_EQ(value.words[1].view(), std::string_view("\xC3\xA9\xF0\x9F\x98\x80\0z", 8));
  EXPECT_EQ(value.words[2].view(), "ü€");
}

TEST_F(DecodeTest, RefusesTextThatIsNotUnicode) {
  for (const char* text : {R"("\ud800")", R"("\udc00")", R"("\ud800\ud800")", R"("a\ud83dz")",
                           R"("\u12")", R"("\q")", "\"\xff\"", "\"\xED\xA0\x80\"", "\"a\nb\""}) {
    probe.refusal(R"({"label":)" + std::string{text} + "}");
    EXPECT_EQ(probe.code(), errc::invalid_json) << text;
    probe.refusal("{" + std::string{text} + ":1}");
    EXPECT_EQ(probe.code(), errc::invalid_json) << text;
  }
}

TEST_F(DecodeTest, FillsNestedStructures) {
  const auto value = probe.accept(
      R"({"points":[{"x":1,"y":2,"name":"a"},{"name":"b"},{}],"origin":{"name":"o","x":-1},)"
      R"("lists":[[],[1],[2,3]],"steps":["still","backward"]})");

  ASSERT_EQ(value.points.size, 3u);
  EXPECT_EQ(value.points[0].y, 2.0F);
  EXPECT_EQ(value.points[1].name.view(), "b");
  EXPECT_FALSE(value.points[2].y);
  EXPECT_EQ(value.origin.x, -1.0F);
  ASSERT_EQ(value.lists.size, 3u);
  EXPECT_EQ(value.lists[0].size, 0u);
  EXPECT_EQ(value.lists[2][1], 3);
  ASSERT_EQ(value.steps.size, 2u);
  EXPECT_EQ(value.steps[1], pace::backward);
}

TEST_F(DecodeTest, ComesBackAsItWas) {
  const std::string text =
      R"({"flag":false,"count":-3,"direction":"backward","label":"q\"","small":0,)"
      R"("points":[{"x":1.5,"name":"p"},{"x":0,"y":-0.25,"name":""}],"words":["a","\u0001"],)"
      R"("lists":[[],[1,2]],"steps":["still"],"origin":{"x":0,"name":"o"}})";
  EXPECT_EQ(probe.print(probe.accept(text)), text);
}

struct required_members {
  array<float> x;
  text name;
  point place;
  float gain = 1;
};
BOOST_DESCRIBE_STRUCT(required_members, (), (x, name, place, gain))

TEST(RequiredTest, NamesWhatIsMissing) {
  test::codec_probe<required_members> probe{
      {field<&required_members::gain>{.doc = "d", .required = true}}};

  EXPECT_EQ(probe.refusal("{}"), "/input/x: a value expected, found nothing");
  EXPECT_EQ(probe.refusal(R"({"x":[]})"), "/input/name: a value expected, found nothing");
  EXPECT_EQ(probe.refusal(R"({"x":[],"name":"a"})"),
            "/input/place: a value expected, found nothing");
  EXPECT_EQ(probe.refusal(R"({"x":[],"name":"a","place":{}})"),
            "/input/place/name: a value expected, found nothing");
  EXPECT_EQ(probe.refusal(R"({"x":[],"name":"a","place":{"name":"b"}})"),
            "/input/gain: a value expected, found nothing");
  probe.accept(R"({"x":[],"name":"a","place":{"name":"b"},"gain":1})");
}

enum class element : std::uint8_t { u8, f64, f32, i64, u32, u64, i32 };
BOOST_DESCRIBE_ENUM(element, u8, f64, f32, i64, u32, u64, i32)

struct typed_numbers {
  numbers data;
  element dtype = element::f64;
  text note;
};
BOOST_DESCRIBE_STRUCT(typed_numbers, (), (data, dtype, note))

struct TypedNumbersTest : ::testing::Test {
  test::codec_probe<typed_numbers> probe{
      {field<&typed_numbers::note>{.doc = "d", .required = false}}};
};

TEST_F(TypedNumbersTest, HaveTheTypeOfTheDefault) {
  const auto value = probe.accept(R"({"data":[0.1]})");

  EXPECT_EQ(value.data.type, dtype::f64);
  EXPECT_EQ(value.data.as<double>()[0], 0.1);
}

TEST_F(TypedNumbersTest, HaveTheTypeThatTheRequestNamesWhereverItStands) {
  for (const char* text :
       {R"({"dtype":"i64","data":[9007199254740993]})",
        R"({"data":[9007199254740993],"dtype":"i64"})",
        R"({"note":"dtype","data":[9007199254740993],"d\u0074ype":"i64"})",
        R"({"data":[9007199254740993],"\u0064\u0074\u0079\u0070\u0065":"i6\u0034"})",
        R"({"data":[9007199254740993],"dt\u0079\u0070e":"i64","note":"{\"dtype\":\"f32\"}"})"}) {
    const auto value = probe.accept(text);
    ASSERT_EQ(value.data.type, dtype::i64) << text;
    EXPECT_EQ(value.dtype, element::i64);
    EXPECT_EQ(value.data.as<std::int64_t>()[0], 9007199254740993) << text;
  }
}

TEST_F(TypedNumbersTest, AreHeldToTheBoundsOfTheirType) {
  EXPECT_EQ(probe.refusal(R"({"data":[255,256],"dtype":"u8"})"),
            "/input/data/1: integer (u8, 0 to 255) expected, found 256");
  EXPECT_EQ(probe.refusal(R"({"data":[1e39],"dtype":"f32"})"),
            "/input/data/0: number in the range of f32 expected, found 1e39");
  EXPECT_EQ(probe.refusal(R"({"data":[-1],"dtype":"u64"})"),
            "/input/data/0: integer (u64, 0 to 18446744073709551615) expected, found -1");
  EXPECT_EQ(probe.refusal(R"({"data":[2147483648],"dtype":"i32"})"),
            "/input/data/0: integer (i32, -2147483648 to 2147483647) expected, found 2147483648");
}

TEST_F(TypedNumbersTest, RefuseADtypeThatIsNone) {
  for (const std::string text : {R"("f16")", R"("F32")", "null", "7"}) {
    EXPECT_EQ(
        probe.refusal(R"({"data":[1],"dtype":)" + text + "}"),
        R"(/input/dtype: one of "u8", "f64", "f32", "i64", "u32", "u64", "i32" expected, found )" +
            text);
  }
  EXPECT_EQ(probe.refusal(R"({"data":[1],"dtype":"f32","dtyp\u0065":"f64"})"),
            "/input/dtype: one member of that name expected, found a second one");
}

TEST_F(TypedNumbersTest, SurviveLongStringsReadTwice) {
  const std::string longest(100'000, 'a');
  EXPECT_EQ(probe.accept(R"({"note":")" + longest + R"(","data":[1],"dtype":"u8"})").note.size,
            longest.size());
  probe.refusal("{\"" + longest + R"(":1,"data":[1],"dtype":"u8"})");
  probe.refusal(R"({"dtype":")" + longest + R"(","data":[1]})");
}

TEST_F(TypedNumbersTest, ComeBackAsTheirType) {
  for (const std::string text : {R"({"data":[0,255],"dtype":"u8","note":""})",
                                 R"({"data":[18446744073709551615],"dtype":"u64","note":""})",
                                 R"({"data":[-9223372036854775808],"dtype":"i64","note":""})",
                                 R"({"data":[0.1,-0],"dtype":"f32","note":""})",
                                 R"({"data":[0.1,5e-324],"dtype":"f64","note":""})",
                                 R"({"data":[],"dtype":"i32","note":""})"}) {
    EXPECT_EQ(probe.print(probe.accept(text)), text);
  }
}

}  // namespace
}  // namespace kernd
