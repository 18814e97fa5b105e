#include "server/http/response.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace kernd::http {

response json_response(std::string_view body, unsigned status) {
  response answer;
  answer.status = status;
  answer.body[0].append(body);
  return answer;
}

void append_quoted(text_buffer& out, std::string_view value) {
  const bool is_plain = std::all_of(value.begin(), value.end(), [](char c) {
    return c >= ' ' && c <= '~' && c != '"' && c != '\\';
  });
  if (is_plain) {
    out.push_back('"');
    out.append(value);
    out.push_back('"');
    return;
  }
  using handling = nlohmann::json::error_handler_t;
  out.append(nlohmann::json(value).dump(-1, ' ', false, handling::replace));
}

}  // namespace kernd::http
