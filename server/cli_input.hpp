#pragma once

#include "kernd/config.hpp"
#include "kernd/registry.hpp"
#include "kernd/text_buffer.hpp"
#include "server/cli.hpp"
#include "server/cli_refusal.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kernd::cli {

/// One member of a JSON object, as it stands in a text.
struct member_text {
  std::string name;        ///< Decoded.
  std::string_view text;   ///< `"name": value`, without blanks around it.
  std::string_view value;  ///< The latter alone.
};

/// The members of `text` when it is one JSON object and nothing more; nothing when it is another
/// value or its outline is no object's. Looks at brackets, strings and commas only: what is between
/// them may still be no JSON, but ends where the object does.
std::optional<std::vector<member_text>> top_level_members(std::string_view text);

/// Appends the object that has `members`, and the fields in `set` put in or replaced.
void append_changed(text_buffer& body, const std::vector<member_text>& members,
                    const std::vector<named_value>& set);

/// Reads the file `path`, or standard input when it is `-`. Refuses more than
/// `limits.max_body_bytes` without reading on. Blocks.
expected<text_buffer> read_input(const std::string& path, const limits_config& limits);

/// What the codec says of `input`, which is no JSON object; offsets are into `input`.
error why_not_json(const kernel_entry& entry, std::string_view input);

/// The body of an execute request for `input`, a kernel's input as JSON, with the fields in `set`
/// put in or replaced. Where a field occurs twice in `set`, the later one counts.
expected<text_buffer> make_body(const kernel_entry& entry, std::string_view input,
                                const std::vector<named_value>& set, const limits_config& limits);

}  // namespace kernd::cli
