// What decoding a body takes of its job's memory beside what it decodes.

#include "kernd/execute_body.hpp"
#include "unit/codec_probe.hpp"

namespace kernd {
namespace {

struct numbers_input {
  array<float> x;
};
BOOST_DESCRIBE_STRUCT(numbers_input, (), (x))

struct ExecuteBodyMemoryTest : ::testing::Test {
  test::codec_probe<numbers_input> probe;
  json_reader reader{64};
};

/// A body of `size` bytes whose input is `{"x":[1]}`.
text_buffer padded_body(std::size_t size) {
  text_buffer body{R"({"input":{"x":[1]}})"};
  body.append(std::string(size - body.size(), ' '));
  return body;
}

TEST_F(ExecuteBodyMemoryTest, ChargesTheParsersMemoryWhileItDecodes) {
  const auto body = padded_body(3'000'000);
  const std::size_t parser_bytes = parser_memory_bytes(body.size());
  EXPECT_GE(parser_bytes, 3'000'000u * 17 / 3);

  arena tight{parser_bytes};
  EXPECT_THROW(
      static_cast<void>(decode_execute_body(reader, body, probe.coder(), tight, probe.max_timeout)),
      memory_limit_error);

  arena enough{parser_bytes + (1 << 16)};
  ASSERT_TRUE(decode_execute_body(reader, body, probe.coder(), enough, probe.max_timeout));
  EXPECT_LE(enough.used_bytes(), 1u << 16);
}

TEST_F(ExecuteBodyMemoryTest, ChargesNoParserForNumbersThatItDoesNotRead) {
  text_buffer body{R"({"input":{"x":[1)"};
  while (body.size() < 3'000'000) body.append(",1.00000");
  body.append("]}}");
  arena memory{std::size_t{4} << 20};

  ASSERT_LT(memory.limit_bytes(), parser_memory_bytes(body.size()));
  EXPECT_TRUE(decode_execute_body(reader, body, probe.coder(), memory, probe.max_timeout));
}

TEST_F(ExecuteBodyMemoryTest, ChargesTheTextWithoutItsLongArrays) {
  // A tenth is left when the array is left out.
  text_buffer body{R"({"input":{"x":[1)"};
  while (body.size() < 3'000'000) body.append(",1.00000000000000000000000000000");
  body.append("]}}");
  const std::size_t numbers = body.size() / 32 * sizeof(float);
  body.append(std::string(300'000, ' '));
  arena tight{numbers + (1 << 17)};
  arena enough{numbers + (1 << 19)};

  EXPECT_THROW(
      static_cast<void>(decode_execute_body(reader, body, probe.coder(), tight, probe.max_timeout)),
      memory_limit_error);
  EXPECT_TRUE(decode_execute_body(reader, body, probe.coder(), enough, probe.max_timeout));
}

TEST_F(ExecuteBodyMemoryTest, ChargesNothingForAParserThatIsKept) {
  arena memory{1 << 16};

  EXPECT_TRUE(decode_execute_body(reader, padded_body(kept_document_bytes), probe.coder(), memory,
                                  probe.max_timeout));
  EXPECT_THROW(static_cast<void>(decode_execute_body(reader, padded_body(kept_document_bytes + 1),
                                                     probe.coder(), memory, probe.max_timeout)),
               memory_limit_error);
}

}  // namespace
}  // namespace kernd
