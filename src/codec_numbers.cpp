#include "src/codec_numbers.hpp"

namespace kernd {

namespace ondemand = simdjson::ondemand;

float nearest_f32_of_token(double parsed, ondemand::value value) {
  const std::string_view token = value.raw_json_token();
  float exact = 0;
  const auto read = std::from_chars(token.data(), token.data() + token.size(), exact);
  return read.ec == std::errc{} ? exact : static_cast<float>(parsed);
}

error refuse_number(dtype wanted, ondemand::value found) {
  const std::string token = describe_found(found);
  const bool is_number = !token.empty() &&
                         (token[0] == '-' || (token[0] >= '0' && token[0] <= '9')) &&
                         !token.starts_with("-I") && !token.starts_with("-N") &&
                         !token.starts_with("-i") && !token.starts_with("-n");
  if (wanted == dtype::f32 || wanted == dtype::f64) {
    if (!is_number) return refuse(errc::invalid_input, "number", token);
    return refuse(errc::invalid_input, "number in the range of " + std::string{dtype_name(wanted)},
                  token);
  }
  if (!is_number) return refuse(errc::invalid_input, "integer", token);
  std::string range = visit_dtype(wanted, [](auto zero) {
    using limits = std::numeric_limits<decltype(zero)>;
    return std::to_string(limits::lowest()) + " to " + std::to_string(limits::max());
  });
  return refuse(errc::invalid_input,
                "integer (" + std::string{dtype_name(wanted)} + ", " + range + ")", token);
}

result<void> check_size(const field_info& rules, std::size_t size, std::string_view unit) {
  if (!rules.min_size || size >= *rules.min_size) return {};
  return refuse(errc::invalid_input,
                "at least " + std::to_string(*rules.min_size) + " " + std::string{unit},
                std::to_string(size));
}

result<std::size_t> open_array(ondemand::value& value, ondemand::array& out) {
  ondemand::value before = value;
  std::size_t count = 0;
  if (value.get_array().get(out)) return refuse(errc::invalid_input, "array", before);
  if (out.count_elements().get(count)) return error{errc::invalid_json, "unfinished array"};
  return count;
}

}  // namespace kernd
