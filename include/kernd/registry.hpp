#pragma once

#include "kernd/codec.hpp"
#include "kernd/error.hpp"
#include "kernd/kernel.hpp"
#include "kernd/ring/ring_kernel.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace kernd {

/// A message type of a ring kernel, with what decodes and encodes it.
struct ring_message_entry {
  message_type type;
  bool is_handled;  ///< Else it is emitted, and never lacks a member.
  codec coder;
};

/// What only a ring kernel has.
struct ring_entry {
  ring_kernel kernel;
  std::vector<ring_message_entry>
      messages;  ///< Handled, then emitted ones, as the kernel has them.

  /// Null when the kernel has none. What is both handled and emitted is found as handled.
  const ring_message_entry* find(std::uint32_t type_id) const noexcept;
  const ring_message_entry* find(std::string_view name) const noexcept;
};

/// A kernel that the registry holds, with what decodes its input and encodes its output.
///
/// A ring kernel's input is the first message that it handles, its output that message's reply;
/// `kernel` runs it on a state of its own, which is what the example shows.
struct kernel_entry {
  struct kernel kernel;
  codec input;
  codec output;
  std::size_t index;  ///< Dense, in order of registration: for arrays with one element per kernel.
  std::unique_ptr<const ring_entry> ring = {};  ///< Null for a batch kernel.

  /// Of the members of the output, those that differ from run to run.
  std::vector<std::string_view> varying_members() const;
};

/// What `kernel_registry::find_all` selects; an empty member selects everything.
struct kernel_query {
  std::string_view domain = {};  ///< Display name or the part of the id before the `/`.
  std::optional<kernel_mode> mode = {};
  std::string_view text = {};  ///< Case-insensitive substring of id or description.
};

struct registry_stats {
  std::size_t total = 0;
  std::size_t batch = 0;
  std::size_t ring = 0;
  std::vector<std::pair<std::string_view, std::size_t>>
      by_domain;  ///< Display name, kernels; sorted.
};

/// The kernels that the daemon serves, by id. Filled by one thread, `const` once serving starts:
/// then safe to use from any thread. Entries never move.
class kernel_registry {
 public:
  /// Refuses (errc::internal_error, the message says why) an id that is taken in that mode or that
  /// is not `domain/name`, a domain the table does not know, a version that is not `x.y.z`, a
  /// `max_batch_size` beyond `largest_batch_size` or of 0, and a member without field entry.
  result<void> add(kernel k);
  /// Refuses likewise, and a kernel whose first message has no reply, or two of whose messages
  /// share a type id or a name.
  result<void> add(ring_kernel k);

  /// Null when there is none. Without a mode, batch wins over ring.
  const kernel_entry* find(std::string_view id, std::optional<kernel_mode> mode = {}) const;

  /// Sorted by id, batch before ring.
  std::vector<const kernel_entry*> find_all(const kernel_query& query = {}) const;

  registry_stats stats() const;
  std::size_t size() const noexcept { return entries_.size(); }
  bool empty() const noexcept { return entries_.empty(); }

  /// In order of registration: `by_index()[e.index].get() == &e`.
  std::span<const std::unique_ptr<kernel_entry>> by_index() const noexcept { return entries_; }

 private:
  result<void> add(kernel k, std::unique_ptr<const ring_entry> ring);

  std::vector<std::unique_ptr<kernel_entry>> entries_;
  std::map<std::pair<std::string_view, kernel_mode>, const kernel_entry*> by_id_;
};

/// The domain's display name for the part of an id before the `/`; empty when unknown.
std::string_view domain_name(std::string_view id_prefix);

}  // namespace kernd
