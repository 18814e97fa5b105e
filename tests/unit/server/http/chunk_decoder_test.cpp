#include "server/http/chunk_decoder.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace kernd::http {
namespace {

struct ChunkDecoderTest : ::testing::Test {
  chunk_decoder chunks;
  text_buffer body;

  ChunkDecoderTest() {
    chunks.start(100, 50);
    body.reserve(200);
  }
  /// What is left of `text`, which makes a body whole.
  std::string_view rest_of(std::string_view text) {
    EXPECT_TRUE(chunks.decode(text, body).value());
    return text;
  }
  errc refused(std::string_view text) {
    const auto done = chunks.decode(text, body);
    EXPECT_FALSE(done) << text;
    return done ? errc::internal_error : done.error().code;
  }
};

TEST_F(ChunkDecoderTest, LeavesWhatComesBehindTheBody) {
  EXPECT_EQ(rest_of("3\r\nabc\r\n0\r\n\r\nGET /"), "GET /");
  EXPECT_EQ(body.view(), "abc");
}

TEST_F(ChunkDecoderTest, TakesItByteByByte) {
  const std::string_view text = "3;a=\"b\"\r\nabc\r\n2\r\nde\r\n0\r\nA: b\r\n\r\n";
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string_view piece = text.substr(i, 1);

    EXPECT_EQ(chunks.decode(piece, body).value(), i + 1 == text.size()) << i;
    EXPECT_TRUE(piece.empty()) << i;
  }
  EXPECT_EQ(body.view(), "abcde");
}

TEST_F(ChunkDecoderTest, TakesABodyOfExactlyTheLimit) {
  rest_of("32\r\n" + std::string(50, 'a') + "\r\n32\r\n" + std::string(50, 'b') + "\r\n0\r\n\r\n");

  EXPECT_EQ(body.size(), 100u);
}

TEST_F(ChunkDecoderTest, RefusesABodyOverTheLimitByTheSizeThatCrossesIt) {
  EXPECT_EQ(refused("32\r\n" + std::string(50, 'a') + "\r\n33\r\n"), errc::body_too_large);
}

TEST_F(ChunkDecoderTest, CountsExtensionsAndTrailersTogether) {
  const std::string line = "1;" + std::string(34, 'e') + "\r\n \r\n";  // 20 beyond what is free

  EXPECT_EQ(refused(line + line + "0\r\nA: 34567890\r\n\r\n"), errc::bad_request);
}

TEST_F(ChunkDecoderTest, DoesNotCountSizesOfManyChunks) {
  std::string text;
  for (int i = 0; i < 90; ++i) text += "0000000000000001\r\na\r\n";

  EXPECT_EQ(rest_of(text + "0\r\n\r\n"), "");
}

TEST_F(ChunkDecoderTest, RefusesAFaultBeforeItsLineEnds) {
  EXPECT_EQ(refused("3\n"), errc::bad_request);
}

TEST_F(ChunkDecoderTest, StartsAnewBehindAFault) {
  ASSERT_EQ(refused("x\r\n"), errc::bad_request);

  chunks.start(100, 50);

  EXPECT_EQ(rest_of("1\r\na\r\n0\r\n\r\n"), "");
}

}  // namespace
}  // namespace kernd::http
