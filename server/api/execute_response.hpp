#pragma once

#include "kernd/job.hpp"
#include "kernd/registry.hpp"
#include "server/http/request.hpp"
#include "server/http/response.hpp"

namespace kernd::api {

/// The answer to a successful execute request: the kernel's output between what is said about it.
http::response execute_response(const http::request& req, const kernel_entry& entry,
                                job_output output);

}  // namespace kernd::api
