#pragma once

#include "server/http/request_reader.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace kernd::http {

/// A reader on the default limits, fed by hand.
struct RequestReaderTest : ::testing::Test {
  limits_config limits;
  body_budget budget{limits.body_memory_bytes};
  request_reader reader{budget};
  request req;

  /// Goes on as far as the bytes that were fed reach.
  request_reader::progress advance() {
    request_reader::progress state = reader.advance(req, limits);
    if (state == request_reader::progress::head) {
      if (reader.has_body()) {
        state = reader.accept_body(req, limits);
        if (state == request_reader::progress::refused) return state;
      }
      state = reader.advance(req, limits);
    }
    return state;
  }
  /// Feeds `piece` bytes at a time, and returns what came of the last.
  request_reader::progress feed(std::string_view text, std::size_t piece = SIZE_MAX) {
    request_reader::progress state = request_reader::progress::more;
    while (!text.empty() && state == request_reader::progress::more) {
      const auto space = reader.lend();
      const std::size_t size = std::min({piece, text.size(), space.size()});
      std::memcpy(space.data(), text.data(), size);
      reader.commit(size);
      text.remove_prefix(size);
      state = advance();
    }
    return state;
  }
  errc refused(std::string_view text) {
    EXPECT_EQ(feed(text), request_reader::progress::refused) << text;
    return reader.refusal().code;
  }
};

}  // namespace kernd::http
