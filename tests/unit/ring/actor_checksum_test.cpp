// A message whose bytes are not what was sent is not handled.

#include "src/ring/actor_implementation.hpp"
#include "src/ring/crc32c.hpp"
#include "tests/unit/ring/actor_fixture.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace kernd {
namespace {

using namespace test;

/// An actor that is given finished messages, as another actor gives them.
class ActorChecksumTest : public ::testing::Test {
 protected:
  ActorChecksumTest() { a->begin(); }
  ~ActorChecksumTest() override {
    a->request_end();
    a->output().wait_for_end(far());
    a->join();
  }

  void offer(const note& m, std::uint32_t crc) {
    message_header header{};
    header.type = note::type_id;
    header.payload_bytes = sizeof m;
    header.priority = static_cast<std::uint8_t>(message_priority::normal);
    header.crc32c = crc;
    EXPECT_EQ(a->offer(header, bytes_of(m)), actor::implementation::offer_status::taken);
  }
  std::uint64_t receive() {
    std::uint64_t value = 0;
    bool made_room = false;
    a->output().receive([&](const message_view& m) { value = from_bytes<noted>(m.payload).value; },
                        far(), made_room);
    return value;
  }

  const ring_kernel kernel = make_ring_kernel<probe>();
  const std::shared_ptr<ring_services> services =
      std::make_shared<ring_services>(ring_config{.checksum = true});
  const std::shared_ptr<actor::implementation> a{new actor::implementation{
      services, kernel, services->latencies[&kernel], "a", actor_number{1}, launch_options{}, {}}};
};

TEST_F(ActorChecksumTest, AWrongOneIsADeadLetterAndTheNextIsHandled) {
  const note wrong{1}, right{2};
  offer(wrong, crc32c(bytes_of(wrong)) ^ 1);
  offer(right, crc32c(bytes_of(right)));

  EXPECT_EQ(receive(), 2u);

  const auto letters = services->dead_letters.list(0, 10);
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].reason, dead_letter_reason::handler_failed);
  EXPECT_EQ(from_bytes<note>(letters[0].payload).value, 1u);
  EXPECT_EQ(a->counters().failed, 1u);
  EXPECT_EQ(a->state(), actor_state::active);
}

}  // namespace
}  // namespace kernd
