#include "kernd/ring/message.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <fstream>
#include <string>

namespace kernd {
namespace {

using header_bytes = std::array<std::uint8_t, sizeof(message_header)>;

/// What tests/golden/message_header.py packs.
constexpr message_header filled{
    .sequence = 0x0706050403020100,
    .message_id = 0x0F0E0D0C0B0A0908,
    .correlation = 0x1716151413121110,
    .timestamp = 0x1F1E1D1C1B1A1918,
    .deadline = 0x2726252423222120,
    .type = 3735928559,
    .payload_bytes = 65536,
    .source = 7,
    .destination = 4294967295,
    .flags = 0xA55A,
    .priority = 3,
    .hops = 8,
    .crc32c = 0xE3069283,
};

header_bytes golden() {
  std::ifstream file{KERND_GOLDEN_DIRECTORY "/message_header.hex"};
  header_bytes bytes{};
  std::string text;
  for (auto& byte : bytes) {
    file >> text;
    byte = static_cast<std::uint8_t>(std::stoul(text, nullptr, 16));
  }
  EXPECT_FALSE(file >> text) << "more than a header";
  return bytes;
}

TEST(MessageHeaderTest, IsTheBytesOfTheGoldenFile) {
  header_bytes bytes;
  std::memcpy(bytes.data(), &filled, sizeof filled);

  EXPECT_EQ(bytes, golden());
}

TEST(MessageHeaderTest, AValueInitialisedOneIsZeroThroughout) {
  const message_header empty{};
  header_bytes bytes;
  std::memcpy(bytes.data(), &empty, sizeof empty);

  EXPECT_EQ(bytes, header_bytes{});
}

TEST(MessageSlotTest, IsTheFewestLinesThatHoldHeaderAndPayload) {
  EXPECT_EQ(slot_bytes_for(0), 128u);
  EXPECT_EQ(slot_bytes_for(64), 128u);
  EXPECT_EQ(slot_bytes_for(65), 256u);
  EXPECT_EQ(slot_bytes_for(4096), 4224u);
}

TEST(MessageSlotTest, ThePayloadFollowsTheHeader) {
  message_header message{};

  EXPECT_EQ(payload_of(&message), reinterpret_cast<std::byte*>(&message) + 64);
}

}  // namespace
}  // namespace kernd
