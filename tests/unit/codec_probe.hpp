#pragma once

#include "kernd/codec.hpp"
#include "kernd/execute_body.hpp"
#include "kernd/kernel.hpp"

#include <boost/describe/class.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace kernd::test {

/// A field entry for every member of `type` and of what it contains.
inline void document_all(const type_info& type, std::vector<field_info>& fields) {
  for (std::size_t i = 0; i < type.members.size(); ++i) {
    fields.push_back({&type, i, "A member.", {}, {}, {}, {}, {}, false});
    document_all(*type.members[i].type, fields);
  }
  if (type.inner != nullptr) document_all(*type.inner, fields);
}

/// `text` as a body, with bytes behind it that would continue it if anybody read them.
inline text_buffer hostile_body(std::string_view text) {
  text_buffer body{text};
  char* const behind = body.prepare(0);
  for (std::size_t i = 0; i < text_buffer::padding; ++i) behind[i] = "1]}\"9"[i % 5];
  return body;
}

struct good_input {
  array<float> good;
};
BOOST_DESCRIBE_STRUCT(good_input, (), (good))

/// Decodes and encodes T as the input of an execute body. Members without an entry in `rules` are
/// documented and have no rules.
template <class T>
class codec_probe {
 public:
  static constexpr std::size_t memory_bytes = 1 << 24;
  static constexpr std::chrono::milliseconds max_timeout{60'000};

  explicit codec_probe(std::vector<field_info> rules = {})
      : codec_{describe<T>(), with_documentation<T>(std::move(rules))} {}

  const codec& coder() const { return codec_; }
  arena& memory() { return memory_; }

  result<execute_body> open(std::string_view body) {
    memory_.reset(memory_bytes);
    return decode_execute_body(reader_, hostile_body(body), codec_, memory_, max_timeout);
  }

  /// The value lives until the next call.
  result<T> decode(std::string_view input) {
    auto body = open(R"({"input":)" + std::string{input} + "}");
    if (!body) return std::move(body).error();
    return *static_cast<const T*>(body->input);
  }

  T accept(std::string_view input) {
    auto decoded = decode(input);
    EXPECT_TRUE(decoded) << input << "\n" << (decoded ? "" : decoded.error().message);
    return decoded ? *decoded : T{};
  }

  /// The message of the error. The reader must be usable after it.
  std::string refusal(std::string_view input) {
    return refusal_of_body(R"({"input":)" + std::string{input} + "}");
  }

  std::string refusal_of_body(std::string_view body) {
    const auto opened = open(body);
    expect_usable_reader();
    if (opened) return "accepted";
    code_ = opened.error().code;
    return opened.error().message;
  }

  errc code() const { return code_; }  ///< Of the last refusal.

  result<std::string> encode(const T& value, std::size_t limit_bytes = memory_bytes) {
    arena memory{limit_bytes};
    text_buffer out;
    auto encoded = codec_.encode(&value, out, memory);
    if (!encoded) return std::move(encoded).error();
    EXPECT_GE(memory.used_bytes(), out.size());
    return std::string{out.view()};
  }

  std::string print(const T& value) {
    auto encoded = encode(value);
    return encoded ? *encoded : encoded.error().message;
  }

 private:
  template <class Struct>
  static std::vector<field_info> with_documentation(std::vector<field_info> rules) {
    document_all(describe<Struct>(), rules);  // the first entry of a member counts
    return rules;
  }

  void expect_usable_reader() {
    memory_.reset(memory_bytes);
    const auto again = decode_execute_body(reader_, hostile_body(R"({"input":{"good":[1,2.5]}})"),
                                           good_, memory_, max_timeout);
    ASSERT_TRUE(again) << again.error().message;
    ASSERT_EQ(static_cast<const good_input*>(again->input)->good.size, 2u);
  }

  codec codec_;
  codec good_{describe<good_input>(), with_documentation<good_input>({})};
  json_reader reader_{64};
  arena memory_{memory_bytes};
  errc code_{};
};

}  // namespace kernd::test
