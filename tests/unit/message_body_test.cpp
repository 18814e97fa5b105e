#include "kernd/message_body.hpp"

#include "kernd/kernel.hpp"

#include <boost/describe/class.hpp>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace kernd {
namespace {

struct order {
  std::uint64_t id = 0;
  std::int64_t price = 0;
};
BOOST_DESCRIBE_STRUCT(order, (), (id, price))

/// Two types: 500, `submit`, with a payload; nothing else.
struct MessageBodyTest : ::testing::Test {
  std::vector<field_info> fields = {
      field<&order::id>{.doc = "Which.", .required = true},
      field<&order::price>{.doc = "How much.", .min = 0},
  };
  codec orders{describe<order>(), fields};
  message_form form{.max_time = std::chrono::milliseconds{1000},
                    .by_id = [this](std::uint32_t id) -> result<message_choice> {
                      if (id == 500) return message_choice{500, &orders};
                      return error{errc::unknown_message_type, "no " + std::to_string(id)};
                    },
                    .by_name = [this](std::string_view name) -> result<message_choice> {
                      if (name == "submit") return message_choice{500, &orders};
                      return error{errc::unknown_message_type, "no " + std::string{name}};
                    }};
  json_reader reader{64};
  arena memory{std::size_t{1} << 20};

  result<message_body> decode(std::string_view text) {
    return decode_message_body(reader, text_buffer{text}, form, memory);
  }
  std::string refusal(std::string_view text) {
    auto body = decode(text);
    if (body) return "accepted";
    const error e = body.error();
    code = e.code;
    return e.message;
  }
  static const order& payload(const message_body& body) {
    EXPECT_EQ(body.payload.size(), sizeof(order));
    return *reinterpret_cast<const order*>(body.payload.data());
  }
  errc code{};
};

TEST_F(MessageBodyTest, TakesItsMembersInAnyOrder) {
  for (
      const char* text :
      {R"({"type":500,"payload":{"id":7,"price":3},"priority":"high"})",
       R"({"priority":"high","payload":{"price":3,"id":7},"type":500})",
       R"( { "paylo\u0061d" : { "id" : 7, "price" : 3 } , "t\u0079pe" : 500, "priority":"high" } )"}) {
    const auto body = decode(text);

    ASSERT_TRUE(body) << body.error().message;
    EXPECT_EQ(body->type, 500u);
    EXPECT_EQ(payload(*body).id, 7u);
    EXPECT_EQ(payload(*body).price, 3);
    EXPECT_EQ(body->priority, message_priority::high);
    EXPECT_FALSE(body->deadline);
  }
}

TEST_F(MessageBodyTest, TakesTheTypeByName) {
  const auto body = decode(R"({"type":"submit","payload":{"id":1}})");

  ASSERT_TRUE(body);
  EXPECT_EQ(body->type, 500u);
  EXPECT_EQ(payload(*body).price, 0);
}

TEST_F(MessageBodyTest, ReadsTimes) {
  const auto body = decode(R"({"type":500,"payload":{"id":1},"deadline_ms":1,"timeout_ms":1000})");

  ASSERT_TRUE(body);
  EXPECT_EQ(body->deadline, std::chrono::milliseconds{1});
  EXPECT_EQ(body->timeout, std::chrono::milliseconds{1000});
}

TEST_F(MessageBodyTest, RefusesTimesBeyondTheirBounds) {
  for (const char* member : {"deadline_ms", "timeout_ms"}) {
    for (const char* value : {"0", "1001", "-1", "1.5", "\"1\"", "null", "1e3"}) {
      const std::string text =
          std::string{R"({"type":500,"payload":{"id":1},")"} + member + "\":" + value + "}";
      EXPECT_EQ(refusal(text).find("/" + std::string{member} + ": integer from 1 to 1000"), 0u)
          << text;
      EXPECT_EQ(code, errc::invalid_request);
    }
  }
}

TEST_F(MessageBodyTest, APayloadThatIsAbsentCountsAsEmpty) {
  EXPECT_NE(refusal(R"({"type":500})").find("/payload/id"), std::string::npos);
  EXPECT_EQ(code, errc::invalid_input);
}

TEST_F(MessageBodyTest, PointsAtWhatIsWrongInThePayload) {
  EXPECT_EQ(refusal(R"({"type":500,"payload":{"id":1,"price":-1}})").find("/payload/price:"), 0u);
  EXPECT_EQ(refusal(R"({"payload":{"id":"x"},"type":500})").find("/payload/id:"), 0u);
  EXPECT_EQ(refusal(R"({"payload":[],"type":500})").find("/payload:"), 0u);
  EXPECT_EQ(code, errc::invalid_input);
}

TEST_F(MessageBodyTest, RefusesWhatIsNoType) {
  for (const char* type : {"-1", "4294967296", "1.5", "true", "null", "{}", "[]"}) {
    const std::string text = std::string{R"({"payload":{"id":1},"type":)"} + type + "}";
    EXPECT_EQ(refusal(text).find("/type: integer from 0 to 4294967295, or the name"), 0u) << text;
    EXPECT_EQ(code, errc::invalid_request);
  }
  EXPECT_EQ(refusal(R"({"payload":{}})"), "/type: a value expected, found nothing");
}

TEST_F(MessageBodyTest, AnUnknownTypeIsTheReceiversError) {
  EXPECT_EQ(refusal(R"({"type":501})"), "no 501");
  EXPECT_EQ(refusal(R"({"type":"cancel"})"), "no cancel");
  EXPECT_EQ(code, errc::unknown_message_type);
}

TEST_F(MessageBodyTest, TakesNumbersAloneWhereNamesMeanNothing) {
  form.by_name = {};
  form.type_member = "type_id";

  EXPECT_TRUE(decode(R"({"type_id":500,"payload":{"id":1}})"));
  EXPECT_EQ(refusal(R"({"type_id":"submit"})").find("/type_id: integer from 0 to 4294967295 exp"),
            0u);
}

TEST_F(MessageBodyTest, TakesASourceWhereOneIsMeant) {
  constexpr std::string_view text = R"({"type":500,"payload":{"id":1},"source":"a"})";
  EXPECT_EQ(refusal(text).find("/source: one of the members"), 0u);
  form.has_source = true;
  EXPECT_EQ(decode(text)->source, "a");
  EXPECT_EQ(refusal(R"({"type":500,"source":""})").find("/source: the id of an actor"), 0u);
  EXPECT_EQ(refusal(R"({"type":500,"source":")" + std::string(65, 'a') + "\"}").find("/source:"),
            0u);
}

TEST_F(MessageBodyTest, RefusesASecondMemberOfOneName) {
  for (const char* member : {R"("type":500)", R"("payload":{"id":1})", R"("priority":"low")",
                             R"("deadline_ms":1)", R"("timeout_ms":1)"}) {
    const std::string text =
        std::string{R"({"type":500,"payload":{"id":1},"priority":"low","deadline_ms":1,)"} +
        R"("timeout_ms":1,)" + member + "}";
    EXPECT_NE(refusal(text).find("one member of that name expected, found a second one"),
              std::string::npos)
        << text;
  }
}

TEST_F(MessageBodyTest, RefusesMembersItDoesNotKnow) {
  EXPECT_EQ(
      refusal(R"({"type":500,"payload":{"id":1},"prio":1})").find("/prio: one of the members"), 0u);
  EXPECT_EQ(refusal(R"({"type":500,"payload":{"id":1},"priority":"urgent"})")
                .find("/priority: one of low, normal, high, critical"),
            0u);
}

TEST_F(MessageBodyTest, SaysWhereABodyIsNotJson) {
  for (const char* text : {"", "{", R"({"type":500,"payload":{"id":1}} x)", R"({"type":500,})",
                           R"({"payload":{"id":1,},"type":500})", R"({"type":500 "payload":{}})"}) {
    refusal(text);
    EXPECT_EQ(code, errc::invalid_json) << text;
  }
  for (const char* text : {"[]", "1", "null"}) {
    refusal(text);
    EXPECT_EQ(code, errc::invalid_request) << text;
  }
}

TEST_F(MessageBodyTest, PrioritiesHaveNames) {
  for (const char* name : {"low", "normal", "high", "critical"}) {
    EXPECT_EQ(name_of(*priority_named(name)), name);
  }
  EXPECT_FALSE(priority_named("Low"));
}

}  // namespace
}  // namespace kernd
