#pragma once

#include "kernd/error.hpp"
#include "kernd/execute_body.hpp"
#include "src/json_outline.hpp"

#include <simdjson.h>

#include <string>
#include <string_view>

namespace kernd {

struct json_reader::implementation {
  simdjson::ondemand::parser kept;
  std::size_t max_depth;
};

/// A value inside a document that is being read, forward only.
class json_value {
 public:
  json_value(simdjson::ondemand::value opened, const json_outline* outline_of_document)
      : value{opened}, outline{outline_of_document} {}

  simdjson::ondemand::value value;
  const json_outline* outline;  ///< Of the document that is read; null when it is a whole text.
};

/// Opens `text`, which is followed by `text_buffer::padding` readable bytes. Throws
/// `std::bad_alloc`; what else is wrong with it is the result.
simdjson::error_code open_document(simdjson::ondemand::parser& parser, std::string_view text,
                                   simdjson::ondemand::document& into);

/// Opens `text` likewise and hands its document to `use`.
template <class F>
auto read_document(json_reader::implementation& reader, std::string_view text, F&& use) {
  simdjson::ondemand::parser large;
  simdjson::ondemand::parser& parser = text.size() <= kept_document_bytes ? reader.kept : large;
  simdjson::ondemand::document document;
  const auto failure = open_document(parser, text, document);
  return use(document, failure);
}

/// Whether an object's key, which may be written with escapes, is `name`: lower-case ASCII letters.
/// Unlike unescaping it, this takes no room in the parser, so a key may be asked any number of
/// times.
bool is_key(simdjson::ondemand::raw_json_string key, std::string_view name);

/// Whether nothing but white space follows what was read.
inline bool at_end(simdjson::ondemand::document& document) {
  return document.current_location().error() != simdjson::SUCCESS;
}

/// `decoded`, unless it is an error whose true cause is that `text` is not JSON at all.
error explain(error decoded, std::string_view text, std::size_t max_depth);

/// The error of a value; its pointer is extended on the way out by `within`.
inline error refuse(errc code, std::string expected, std::string found) {
  return refuse_value(code, {}, std::move(expected), std::move(found));
}
error refuse(errc code, std::string expected, simdjson::ondemand::value found);

/// How a value looks in a message: the token, shortened, or `an array`, `an object`.
std::string describe_found(simdjson::ondemand::value value);

}  // namespace kernd
