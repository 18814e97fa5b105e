#include "tests/http/abuse/abuse_case.hpp"

#include <cctype>
#include <ostream>
#include <utility>

namespace kernd::test::abuse {
namespace {

bool is_upper(char c) {
  return std::isupper(static_cast<unsigned char>(c)) != 0;
}
bool is_lower(char c) {
  return std::islower(static_cast<unsigned char>(c)) != 0;
}

/// `AChunkIsLate` as `A chunk is late`. Of what is in capitals only single words change.
std::string sentence(std::string_view name) {
  std::string text;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool ends_word = i != 0 && is_lower(name[i - 1]);
    const bool begins_word = i + 1 < name.size() && is_lower(name[i + 1]);
    const bool is_article = name[i] == 'A' && ends_word;
    if (!is_lower(name[i]) && i != 0 && (ends_word || begins_word)) text += ' ';
    const bool changes = i != 0 && is_upper(name[i]) && (begins_word || is_article);
    text +=
        changes ? static_cast<char>(std::tolower(static_cast<unsigned char>(name[i]))) : name[i];
  }
  return text;
}

std::string row(const abuse_case& c) {
  std::string line = "| " + sentence(c.name) + " |";
  for (std::size_t i = 0; i < c.answers.size(); ++i) {
    line += (i == 0 ? " " : ", ") + std::to_string(c.answers[i].status);
    if (!c.answers[i].code.empty()) line += " `" + c.answers[i].code + "`";
  }
  line += c.connection == afterwards::stays_open ? " | stays open |\n" : " | closes |\n";
  return line;
}

}  // namespace

void PrintTo(const abuse_case& c, std::ostream* out) {
  *out << c.name;
}

std::vector<abuse_topic> abuse_topics() {
  return {{"Request line", request_line_cases()},
          {"Request target", target_cases()},
          {"Header fields", field_cases()},
          {"Length of the body", length_cases()},
          {"Chunks", chunk_cases()},
          {"Methods", method_cases()},
          {"Media types, expectations and parameters", media_cases()},
          {"JSON", json_cases()},
          {"Inputs of kernels", input_cases()},
          {"Limits", limit_cases()},
          {"WebSocket handshakes", upgrade_cases()},
          {"Order and ends", order_cases()}};
}

std::string abuse_page() {
  const auto topics = abuse_topics();
  std::size_t count = 0;
  for (const auto& topic : topics) count += topic.cases.size();
  std::string page =
      "# What bad requests are answered with\n\n"
      "Made by `kernd_abuse_page` from the cases in `tests/http/abuse`, which say what is sent, "
      "byte by byte;\n"
      "a test sends every one of them and keeps this page current. The limits are those of the "
      "defaults, but for\n"
      "`limits.max_body_bytes`, which is " +
      std::to_string(body_limit) + " there, and `server.cors_origins`, which is `" +
      std::string{allowed_origin} +
      "`.\n"
      "WebSocket handshakes go to one that the test adds. Several answers belong to several "
      "requests on one connection.\n\n" +
      std::to_string(count) + " cases.\n";
  for (const auto& topic : topics) {
    page += "\n## " + topic.title + "\n\n| what is sent | answer | connection |\n|---|---|---|\n";
    for (const auto& c : topic.cases) page += row(c);
  }
  return page;
}

abuse_case stays_open(std::string name, std::string bytes, std::vector<answer> answers) {
  return {std::move(name), std::move(bytes), std::move(answers), afterwards::stays_open};
}

abuse_case closes(std::string name, std::string bytes, std::vector<answer> answers) {
  return {std::move(name), std::move(bytes), std::move(answers), afterwards::closes};
}

std::string head(std::string_view method_and_target, std::string_view fields) {
  std::string text{method_and_target};
  return text.append(" HTTP/1.1\r\nHost: test\r\n").append(fields).append("\r\n");
}

std::string live(std::string_view fields) {
  return head("GET /health/live", fields);
}

std::string execute(std::string_view kernel, std::string_view body, std::string_view fields) {
  const std::string length = "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return head("POST /api/v1/kernels/" + std::string{kernel} + "/execute",
              length + std::string{fields}) +
         std::string{body};
}

std::string raw_execute(std::string_view fields, std::string_view body) {
  return head("POST /api/v1/kernels/core/axpy/execute",
              "Content-Type: application/json\r\n" + std::string{fields}) +
         std::string{body};
}

std::string repeat(std::string_view text, std::size_t times) {
  std::string all;
  all.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace kernd::test::abuse
