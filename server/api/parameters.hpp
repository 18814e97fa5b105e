#pragma once

#include "kernd/error.hpp"
#include "kernd/kernel.hpp"
#include "server/http/request.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace kernd::api {

/// A whole decimal integer, nothing around it, within the bounds; empty otherwise.
std::optional<std::int64_t> read_integer(std::string_view text, std::int64_t min, std::int64_t max);

/// The header's value; empty when it is absent. Error: `invalid_request` names header and bounds.
result<std::optional<std::int64_t>> read_integer_header(const http::request& req,
                                                        std::string_view name, std::int64_t min,
                                                        std::int64_t max);

/// `batch` or `ring`, in any case. Error: `invalid_request`.
result<kernel_mode> read_mode(std::string_view text);

}  // namespace kernd::api
