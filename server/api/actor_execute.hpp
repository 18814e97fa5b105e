#pragma once

#include "kernd/error.hpp"
#include "kernd/job.hpp"
#include "kernd/registry.hpp"
#include "kernd/ring/runtime.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>

namespace kernd::api {

/// Calls the default actor of a ring kernel, `core.echo` for `core/echo`, which is launched when
/// there is none, with the input of an execute body; its reply is the output. Of `context` the
/// deadline, the priority and the cancellation count.
///
/// Errors: those of the body, of `ring_runtime::launch` and of `call_actor`; `already_exists` when
/// an actor of another kernel has that id.
boost::asio::awaitable<result<job_output>> execute_on_actor(ring_runtime& actors,
                                                            const kernel_entry& entry,
                                                            job_request request,
                                                            execution_context context,
                                                            std::chrono::milliseconds max_timeout);

}  // namespace kernd::api
