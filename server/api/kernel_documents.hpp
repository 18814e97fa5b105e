#pragma once

#include "kernd/gpu/backend.hpp"
#include "kernd/kernel_metrics.hpp"
#include "kernd/registry.hpp"
#include "server/http/request.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace kernd::api {

/// One page of the list of kernels, as asked for.
struct kernel_page {
  kernel_query query;
  bool only_on_cuda = false;
  std::size_t limit = 1000;
  std::string_view cursor;  ///< Empty: from the start.
};

/// Of the query string; views into `req`. Error: `invalid_request` names the parameter.
result<kernel_page> read_kernel_page(const http::request& req);

/// What a daemon does with the kernels it has.
struct kernel_service {
  const gpu::cuda_backend* devices = nullptr;  ///< Null: all run on the CPU.
  bool execute_ring_kernels = true;            ///< As `ring.execute_over_rest` says.
};

/// The body of `GET /kernels`.
std::string kernel_list(const kernel_registry& registry, const kernel_page& page,
                        const kernel_service& service = {});

/// The body of `GET /kernels/{id}` up to what is measured; see `with_measured`.
std::string kernel_document(const kernel_entry& entry, const kernel_service& service = {});

/// Completes a document with the figures of this run of the daemon.
std::string with_measured(std::string_view document, const kernel_totals& totals);

/// `; did you mean 'core/axpy'?` when the id of a registered kernel, of `mode` if set, is near
/// `id`, else empty.
std::string suggest(const kernel_registry& registry, std::string_view id,
                    std::optional<kernel_mode> mode = {});

}  // namespace kernd::api
