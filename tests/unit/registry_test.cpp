#include "kernd/registry.hpp"

#include "test_ring_kernels.hpp"

#include <boost/describe/class.hpp>
#include <gtest/gtest.h>

#include <string>

namespace kernd {
namespace {

struct sample {
  struct input {
    float x = 0;
  };
  struct output {
    float y = 0;
  };

  static kernel_info info() {
    return {.id = "core/sample",
            .version = "1.0.0",
            .description = "Doubles a Number.",
            .fields = {field<&input::x>{.doc = "In."}, field<&output::y>{.doc = "Out."}}};
  }
  static result<void> validate(const input& in) {
    if (in.x >= 0) return {};
    return invalid_input("/x", "a number that is not negative", "a negative one");
  }
  static result<output> run(const input& in, cpu_context&) {
    if (in.x == 0) return error{errc::execution_failed, "zero"};
    return output{in.x * 2};
  }
};
BOOST_DESCRIBE_STRUCT(sample::input, (), (x))
BOOST_DESCRIBE_STRUCT(sample::output, (), (y))

kernel sample_named(std::string_view id) {
  kernel k = make_kernel<sample>();
  k.info.id = id;
  return k;
}

ring_kernel ring_named(std::string_view id) {
  ring_kernel k = make_ring_kernel<test::totalling>();
  k.info.id = id;
  k.info.description = "Doubles a Number.";
  return k;
}

struct RegistryTest : ::testing::Test {
  kernel_registry registry;

  void add(std::string_view id, kernel_mode mode = kernel_mode::batch) {
    const auto added =
        mode == kernel_mode::ring ? registry.add(ring_named(id)) : registry.add(sample_named(id));
    ASSERT_TRUE(added) << added.error().message;
  }
  std::string refusal(kernel k) {
    const auto added = registry.add(std::move(k));
    EXPECT_EQ(registry.size(), 0u);
    if (added) return "accepted";
    EXPECT_EQ(added.error().code, errc::internal_error);
    return added.error().message;
  }
  std::string listed(const kernel_query& query = {}) {
    std::string ids;
    for (const auto* e : registry.find_all(query)) {
      ids += std::string{e->kernel.info.id} +
             (e->kernel.info.mode == kernel_mode::ring ? "(ring) " : " ");
    }
    return ids;
  }
};

TEST_F(RegistryTest, FindsWhatWasAdded) {
  add("core/sample");

  const auto* const found = registry.find("core/sample");

  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->kernel.info.domain, "Core");
  EXPECT_EQ(&found->input.type(), &describe<sample::input>());
  EXPECT_EQ(registry.find("core/samples"), nullptr);
  EXPECT_EQ(registry.find(""), nullptr);
}

TEST_F(RegistryTest, RefusesDuplicateIdsInOneMode) {
  add("core/sample");
  add("core/sample", kernel_mode::ring);

  const auto again = registry.add(ring_named("core/sample"));

  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().message,
            "kernel 'core/sample' cannot be registered: the id is taken in that mode");
  EXPECT_EQ(registry.size(), 2u);
}

TEST_F(RegistryTest, PrefersBatchToRing) {
  add("core/sample", kernel_mode::ring);
  EXPECT_EQ(registry.find("core/sample")->kernel.info.mode, kernel_mode::ring);
  add("core/sample");

  EXPECT_EQ(registry.find("core/sample")->kernel.info.mode, kernel_mode::batch);
  EXPECT_EQ(registry.find("core/sample", kernel_mode::ring)->kernel.info.mode, kernel_mode::ring);
}

TEST_F(RegistryTest, RefusesIdsThatAreNotDomainAndName) {
  for (const std::string id : {"", "core", "core/", "/sample", "core/a/b", "Core/sample",
                               "core/Sample", "core/a_b", "core/a b", "core//a"}) {
    EXPECT_EQ(refusal(sample_named(id)),
              "kernel '" + id +
                  "' cannot be registered: an id is domain/name of lower-case letters, digits and "
                  "'-'");
  }
}

TEST_F(RegistryTest, RefusesUnknownDomains) {
  EXPECT_EQ(refusal(sample_named("astrology/sample")),
            "kernel 'astrology/sample' cannot be registered: the domain 'astrology' is unknown");
}

TEST_F(RegistryTest, RefusesVersionsThatAreNotXYZ) {
  for (const std::string version :
       {"", "1", "1.0", "1.0.0.0", "1..0", ".1.0", "1.0.", "v1.0.0", "1.0.0-rc"}) {
    kernel k = make_kernel<sample>();
    k.info.version = version;
    EXPECT_EQ(refusal(std::move(k)), "kernel 'core/sample' cannot be registered: its version is '" +
                                         version + "', not x.y.z");
  }
}

TEST_F(RegistryTest, RefusesBatchesOfNoneAndOfTooMany) {
  for (const std::size_t size : {std::size_t{0}, largest_batch_size + 1}) {
    kernel k = make_kernel<sample>();
    k.info.max_batch_size = size;
    EXPECT_EQ(refusal(std::move(k)),
              "kernel 'core/sample' cannot be registered: its max_batch_size is " +
                  std::to_string(size) + ", not 1 to 256");
  }
}

TEST_F(RegistryTest, AcceptsTheLargestBatch) {
  kernel k = make_kernel<sample>();
  k.info.max_batch_size = largest_batch_size;
  EXPECT_TRUE(registry.add(std::move(k)));
}

TEST_F(RegistryTest, RefusesMembersWithoutAnEntry) {
  kernel k = make_kernel<sample>();
  k.info.fields.pop_back();
  EXPECT_EQ(refusal(std::move(k)),
            "kernel 'core/sample' cannot be registered: member 'y' has no field entry with a doc "
            "in info()");
}

TEST_F(RegistryTest, KnowsTheDomainsOfTheApi) {
  EXPECT_EQ(domain_name("core"), "Core");
  EXPECT_EQ(domain_name("signal"), "SignalProcessing");
  EXPECT_EQ(domain_name("sim"), "Simulation");
  EXPECT_EQ(domain_name("finance"), "QuantitativeFinance");
  EXPECT_EQ(domain_name("stats"), "Statistics");
  EXPECT_EQ(domain_name("text"), "TextProcessing");
  EXPECT_EQ(domain_name("graph"), "GraphAnalytics");
  EXPECT_EQ(domain_name("ml"), "StatisticalML");
  EXPECT_EQ(domain_name("orderbook"), "OrderMatching");
  EXPECT_EQ(domain_name("Core"), "");
}

TEST_F(RegistryTest, ListsSortedByIdBatchFirst) {
  add("sim/b");
  add("core/z", kernel_mode::ring);
  add("core/z");
  add("core/a");

  EXPECT_EQ(listed(), "core/a core/z core/z(ring) sim/b ");
}

TEST_F(RegistryTest, SelectsByDomainNameOrPrefix) {
  add("core/a");
  add("sim/b");

  EXPECT_EQ(listed({.domain = "Simulation"}), "sim/b ");
  EXPECT_EQ(listed({.domain = "sim"}), "sim/b ");
  EXPECT_EQ(listed({.domain = "si"}), "");
}

TEST_F(RegistryTest, SelectsByModeAndBackend) {
  add("core/a");
  add("core/b", kernel_mode::ring);

  EXPECT_EQ(listed({.mode = kernel_mode::ring}), "core/b(ring) ");
}

TEST_F(RegistryTest, SearchesIdsAndDescriptionsIgnoringCase) {
  add("core/alpha");
  add("core/beta");

  EXPECT_EQ(listed({.text = "ALPH"}), "core/alpha ");
  EXPECT_EQ(listed({.text = "doubles a number"}), "core/alpha core/beta ");
  EXPECT_EQ(listed({.domain = "core", .text = "eta"}), "core/beta ");
  EXPECT_EQ(listed({.text = "gamma"}), "");
}

TEST_F(RegistryTest, CountsByModeAndDomain) {
  EXPECT_TRUE(registry.empty());
  add("sim/a");
  add("core/b");
  add("core/b", kernel_mode::ring);

  const auto stats = registry.stats();

  EXPECT_EQ(stats.total, 3u);
  EXPECT_EQ(stats.batch, 2u);
  EXPECT_EQ(stats.ring, 1u);
  ASSERT_EQ(stats.by_domain.size(), 2u);
  EXPECT_EQ(stats.by_domain[0], (std::pair<std::string_view, std::size_t>{"Core", 2}));
  EXPECT_EQ(stats.by_domain[1], (std::pair<std::string_view, std::size_t>{"Simulation", 1}));
}

TEST_F(RegistryTest, NumbersEntriesInOrderOfRegistration) {
  add("sim/b");
  const auto* const first = registry.find("sim/b");
  add("core/a");

  ASSERT_EQ(registry.by_index().size(), 2u);
  EXPECT_EQ(registry.by_index()[0].get(), first);  // entries do not move
  EXPECT_EQ(registry.find("core/a")->index, 1u);
}

TEST_F(RegistryTest, HoldsKernelsThatRun) {
  add("core/sample");
  const kernel& k = registry.find("core/sample")->kernel;
  arena memory{1024};
  std::atomic<bool> stop{false};
  cpu_context context{memory, stop};
  sample::output out;

  const sample::input good{2}, negative{-1}, zero{0};
  ASSERT_TRUE(k.validate(&good));
  ASSERT_TRUE(k.run_on_cpu(&good, &out, context));
  EXPECT_EQ(out.y, 4.0F);
  EXPECT_EQ(k.validate(&negative).error().invalid->pointer, "/x");
  EXPECT_EQ(k.run_on_cpu(&zero, &out, context).error().message, "zero");
}

}  // namespace
}  // namespace kernd
