#include "kernd/registry.hpp"
#include "test_kernels.hpp"
#include "test_ring_kernels.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>

namespace kernd {
namespace {

using test::totalling;

/// Leaves its first message without an answer.
struct silent : totalling {
  struct total : totalling::total {};
  static void handle(state&, const add&, outbox&) {}
  static void handle(state&, const empty&, outbox&) {}
};

/// Has no answer to its first message.
struct one_way : totalling {
  using messages = type_list<empty, add>;
};

struct RingRegistryTest : ::testing::Test {
  kernel_registry registry;

  const kernel_entry& totalling_entry() {
    registry.add(make_ring_kernel<totalling>()).value();
    return *registry.find("core/test-totalling");
  }
  std::string refusal(ring_kernel k) {
    const auto added = registry.add(std::move(k));
    EXPECT_EQ(registry.size(), 0u);
    if (added) return "accepted";
    EXPECT_EQ(added.error().code, errc::internal_error);
    const std::string head = "kernel 'core/test-totalling' cannot be registered: ";
    EXPECT_TRUE(added.error().message.starts_with(head)) << added.error().message;
    return added.error().message.substr(head.size());
  }
};

TEST_F(RingRegistryTest, TakesInputAndOutputFromTheFirstMessage) {
  const kernel_entry& entry = totalling_entry();

  EXPECT_EQ(entry.kernel.info.mode, kernel_mode::ring);
  EXPECT_EQ(&entry.input.type(), &describe<totalling::add>());
  EXPECT_EQ(&entry.output.type(), &describe<totalling::total>());
  ASSERT_NE(entry.ring, nullptr);
  EXPECT_EQ(entry.ring->kernel.state_bytes, 64u);
}

TEST_F(RingRegistryTest, HasACodecPerMessage) {
  const ring_entry& ring = *totalling_entry().ring;

  ASSERT_EQ(ring.messages.size(), 4u);
  for (const ring_message_entry& m : ring.messages) {
    EXPECT_EQ(&m.coder.type(), m.type.type) << m.type.name;
  }
  EXPECT_EQ(ring.messages[0].type.name, "add");
  EXPECT_TRUE(ring.messages[1].is_handled);
  EXPECT_FALSE(ring.messages[2].is_handled);
  EXPECT_EQ(ring.messages[3].type.name, "emptied");
}

TEST_F(RingRegistryTest, FindsMessagesByTypeIdAndName) {
  const ring_entry& ring = *totalling_entry().ring;

  EXPECT_EQ(ring.find(9003)->type.name, "empty");
  EXPECT_EQ(ring.find("total")->type.type_id, 9002u);
  EXPECT_EQ(ring.find(9005), nullptr);
  EXPECT_EQ(ring.find("totals"), nullptr);
}

TEST_F(RingRegistryTest, RunsOneMessageOnAStateOfItsOwn) {
  const kernel& k = totalling_entry().kernel;
  arena memory{1 << 16};
  const std::atomic<bool> stop{false};
  cpu_context context{memory, stop};
  const totalling::add in{5};

  for (int again = 0; again < 2; ++again) {
    totalling::total out;
    ASSERT_TRUE(k.run_on_cpu(&in, &out, context));
    EXPECT_EQ(out.sum, 5);
    EXPECT_EQ(out.count, 1u);
  }
}

TEST_F(RingRegistryTest, SaysWhenTheMessageWasNotAnswered) {
  registry.add(make_ring_kernel<silent>()).value();
  arena memory{1 << 16};
  const std::atomic<bool> stop{false};
  cpu_context context{memory, stop};
  const totalling::add in;
  totalling::total out;

  const auto ran = registry.find("core/test-totalling")->kernel.run_on_cpu(&in, &out, context);

  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().code, errc::execution_failed);
  EXPECT_EQ(ran.error().message, "the message was not answered");
}

TEST_F(RingRegistryTest, RefusesAFirstMessageWithoutReply) {
  EXPECT_EQ(refusal(make_ring_kernel<one_way>()), "its first message has no reply");
}

TEST_F(RingRegistryTest, RefusesTwoMessagesWithOneTypeId) {
  ring_kernel k = make_ring_kernel<totalling>();
  k.handled[1].type_id = 9001;
  EXPECT_EQ(refusal(std::move(k)), "two of its messages have the type id 9001");
}

TEST_F(RingRegistryTest, RefusesTwoMessagesWithOneName) {
  ring_kernel k = make_ring_kernel<totalling>();
  k.emitted[1].name = "add";
  EXPECT_EQ(refusal(std::move(k)), "two of its messages are 'add'");
}

TEST_F(RingRegistryTest, TakesAMessageThatIsBothHandledAndEmitted) {
  ring_kernel k = make_ring_kernel<totalling>();
  k.emitted.push_back(k.handled[1]);

  ASSERT_TRUE(registry.add(std::move(k)));

  const ring_entry& ring = *registry.find("core/test-totalling")->ring;
  EXPECT_EQ(ring.messages.size(), 5u);
  EXPECT_TRUE(ring.find("empty")->is_handled);
}

TEST_F(RingRegistryTest, RefusesAMessageMemberWithoutAnEntry) {
  ring_kernel k = make_ring_kernel<totalling>();
  k.info.fields.pop_back();
  EXPECT_EQ(refusal(std::move(k)), "member 'sum' has no field entry with a doc in info()");
}

TEST_F(RingRegistryTest, RefusesVaryingMembersThatAreNotTheOutputs) {
  ring_kernel k = make_ring_kernel<totalling>();
  k.info.fields.front().varies = true;
  EXPECT_EQ(refusal(std::move(k)), "member 'value' varies but is not the output's");
}

TEST_F(RingRegistryTest, NamesTheMembersThatVary) {
  ring_kernel k = make_ring_kernel<totalling>();
  EXPECT_TRUE(totalling_entry().varying_members().empty());
  k.info.id = "core/test-varying";
  k.info.fields[2].varies = true;

  registry.add(std::move(k)).value();

  EXPECT_EQ(registry.find("core/test-varying")->varying_members(),
            std::vector<std::string_view>{"count"});
}

TEST_F(RingRegistryTest, RefusesARingKernelThatIsAddedAsABatchKernel) {
  kernel k = make_kernel<test::adding>();
  k.info.mode = kernel_mode::ring;

  const auto added = registry.add(std::move(k));

  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().message,
            "kernel 'core/test-adding' cannot be registered: it is no ring kernel");
}

}  // namespace
}  // namespace kernd
