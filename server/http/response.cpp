#include "server/http/response.hpp"

namespace kernd::http {

response json_response(std::string_view body, unsigned status) {
  response answer;
  answer.status = status;
  answer.body[0].append(body);
  return answer;
}

}  // namespace kernd::http
