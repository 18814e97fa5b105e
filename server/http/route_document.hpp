#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kernd::http {

/// A parameter of a route, as OpenAPI describes it.
struct parameter_document {
  std::string name;
  std::string_view in;  ///< `path`, `query` or `header`.
  std::string description;
  std::string_view schema;  ///< JSON Schema, as text.
};

/// A header field of a response, as OpenAPI describes it.
struct header_document {
  std::string name;
  std::string description;
  std::string_view schema;  ///< JSON Schema, as text.
};

/// A response that a route gives.
struct response_document {
  unsigned status;
  std::string description;
  std::string_view content_type = "application/json";
  std::string_view schema = {};  ///< Name of a component schema; empty: a text.
  std::vector<header_document> headers = {};
};

/// What the OpenAPI document says of a route. One without an operation is an alias, which the
/// document leaves out.
struct route_document {
  std::string operation;  ///< Unique, in snake_case.
  std::string summary;
  std::string tag;
  std::vector<parameter_document> parameters = {};
  std::string_view request = {};  ///< Component schema of the body; empty: it reads none.
  std::vector<response_document> responses = {};
};

/// A problem that a route answers with; `codes` names its codes.
inline response_document problem_document(unsigned status, std::string codes) {
  return {status, std::move(codes), "application/problem+json", "problem"};
}

}  // namespace kernd::http
