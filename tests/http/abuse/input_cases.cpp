#include "tests/http/abuse/abuse_case.hpp"

namespace kernd::test::abuse {
namespace {

abuse_case with(std::string name, std::string_view kernel, std::string_view input,
                answer expected) {
  return stays_open(std::move(name), execute(kernel, R"({"input":)" + std::string{input} + "}"),
                    {std::move(expected)});
}

abuse_case wrong(std::string name, std::string_view kernel, std::string_view input,
                 std::string pointer) {
  return with(std::move(name), kernel, input,
              {400, "INVALID_INPUT", "\"pointer\":\"" + std::move(pointer) + "\""});
}

abuse_case right(std::string name, std::string_view kernel, std::string_view input,
                 std::string output) {
  return with(std::move(name), kernel, input, {200, "", std::move(output)});
}

void add_types(std::vector<abuse_case>& all) {
  constexpr std::string_view axpy = "core/axpy";
  all.insert(
      all.end(),
      {wrong("AnInputThatIsAList", axpy, "[]", "/input"),
       wrong("AnInputThatIsNull", axpy, "null", "/input"),
       wrong("AnInputThatIsAString", axpy, "\"x\"", "/input"),
       wrong("AFieldThatIsMissing", axpy, R"({"x":[1]})", "/input/y"),
       wrong("AFieldThatIsUnknown", axpy, R"({"x":[1],"y":[1],"z":[1]})", "/input/z"),
       wrong("AFieldTwice", axpy, R"({"x":[1],"x":[2],"y":[1]})", "/input/x"),
       wrong("AFieldTwiceWithAnEscape", axpy, R"({"x":[1],"\u0078":[2],"y":[1]})", "/input/x"),
       wrong("AFieldThatIsNull", axpy, R"({"x":null,"y":[1]})", "/input/x"),
       wrong("ANumberInsteadOfAList", axpy, R"({"x":1,"y":[1]})", "/input/x"),
       wrong("AnObjectInsteadOfAList", axpy, R"({"x":{},"y":[1]})", "/input/x"),
       wrong("AStringAmongNumbers", axpy, R"({"x":[1,"2"],"y":[1,2]})", "/input/x/1"),
       wrong("NullAmongNumbers", axpy, R"({"x":[null],"y":[1]})", "/input/x/0"),
       wrong("ATruthValueAmongNumbers", axpy, R"({"x":[true],"y":[1]})", "/input/x/0"),
       wrong("AListAmongNumbers", axpy, R"({"x":[[1]],"y":[1]})", "/input/x/0"),
       wrong("AListInsteadOfANumber", axpy, R"({"alpha":[1],"x":[1],"y":[1]})", "/input/alpha"),
       wrong("ListsOfDifferentLengths", axpy, R"({"x":[1,2],"y":[1]})", "/input/y"),
       right("EmptyLists", axpy, R"({"x":[],"y":[]})", R"({"result":[]})"),
       right("ATenthIsPrintedShort", "core/identity", R"({"data":[0.1]})", R"({"data":[0.1]})")});
}

void add_ranges(std::vector<abuse_case>& all) {
  constexpr std::string_view identity = "core/identity";
  all.insert(
      all.end(),
      {wrong("NotANumber", identity, R"({"data":[1,NaN]})", "/input/data/1"),
       wrong("Infinity", identity, R"({"data":[Infinity]})", "/input/data/0"),
       wrong("InfinityBelowZero", identity, R"({"data":[-Infinity]})", "/input/data/0"),
       wrong("ANumberBeyondF32", identity, R"({"data":[1,1e300]})", "/input/data/1"),
       wrong("ANumberBelowF32", identity, R"({"data":[-1e39]})", "/input/data/0"),
       wrong("ANumberBeyondF64", identity, R"({"data":[1e400],"dtype":"f64"})", "/input/data/0"),
       wrong("ANumberWithAHugeExponent", identity, R"({"data":[1e999999999999],"dtype":"f64"})",
             "/input/data/0"),
       wrong("ANumberBeyondAByte", identity, R"({"data":[255,256,300],"dtype":"u8"})",
             "/input/data/1"),
       wrong("ANumberBelowAByte", identity, R"({"data":[-1],"dtype":"u8"})", "/input/data/0"),
       wrong("AFractionInAByte", identity, R"({"data":[1.5],"dtype":"u8"})", "/input/data/0"),
       wrong("ANumberBeyondI32", identity, R"({"data":[2147483648],"dtype":"i32"})",
             "/input/data/0"),
       wrong("ANumberBelowI32", identity, R"({"data":[-2147483649],"dtype":"i32"})",
             "/input/data/0"),
       wrong("ANumberBeyondI64", identity, R"({"data":[9223372036854775808],"dtype":"i64"})",
             "/input/data/0"),
       wrong("AnIntegerOfAThousandDigits", identity,
             R"({"data":[)" + repeat("9", 1000) + R"(],"dtype":"i64"})", "/input/data/0"),
       wrong("AnUnknownType", identity, R"({"data":[1],"dtype":"f16"})", "/input/dtype"),
       wrong("ATypeInCapitals", identity, R"({"data":[1],"dtype":"F32"})", "/input/dtype"),
       wrong("ATypeThatIsANumber", identity, R"({"data":[1],"dtype":5})", "/input/dtype"),
       right("ANumberTooSmallForF32IsZero", identity, R"({"data":[1e-300]})", R"({"data":[0]})"),
       right("TheLargestI64", identity, R"({"data":[9223372036854775807],"dtype":"i64"})",
             R"({"data":[9223372036854775807]})"),
       right("AFractionOfAThousandDigits", identity, R"({"data":[0.5)" + repeat("0", 1000) + "]}",
             R"({"data":[0.5]})")});
}

void add_rules(std::vector<abuse_case>& all) {
  all.insert(
      all.end(),
      {wrong("AShapeThatDoesNotFitItsData", "core/gemm",
             R"({"a":{"shape":[2,2],"data":[1,2,3]},"b":[[1]]})", "/input/a/data"),
       wrong("AShapeBelowZero", "core/gemm", R"({"a":{"shape":[-1,2],"data":[]},"b":[[1]]})",
             "/input/a/shape/0"),
       wrong("AHugeShape", "core/gemm",
             R"({"a":{"shape":[4294967296,4294967296],"data":[]},"b":[[1]]})", "/input/a/data"),
       wrong("AShapeOfThree", "core/gemm", R"({"a":{"shape":[1,1,1],"data":[1]},"b":[[1]]})",
             "/input/a/shape"),
       wrong("RowsOfDifferentLengths", "core/gemm", R"({"a":[[1,2],[3]],"b":[[1],[1]]})",
             "/input/a/1"),
       wrong("MatricesThatDoNotFit", "core/gemm", R"({"a":[[1,2]],"b":[[1]]})", "/input/b"),
       wrong("RowsBelowZero", "core/matmul",
             R"({"a":[1],"b":[1],"rows_a":-1,"cols_a":1,"cols_b":1})", "/input/rows_a"),
       wrong("SizesThatOverflow", "core/matmul",
             R"({"a":[1],"b":[1],"rows_a":2147483647,"cols_a":2147483647,"cols_b":2147483647})",
             "/input/a"),
       wrong(
           "AnOptionThatIsUnknown", "finance/black-scholes",
           R"({"spot":[1],"strike":[1],"rate":[0],"volatility":[0.1],"expiry":[1],"type":["pot"]})",
           "/input/type/0"),
       wrong("APriceBelowZero", "finance/black-scholes",
             R"({"spot":[-1],"strike":[1],"rate":[0],"volatility":[0.1],"expiry":[1],)"
             R"("type":["put"]})",
             "/input/spot/0"),
       wrong("AnEmptySignal", "signal/fft", R"({"real":[]})", "/input/real"),
       wrong("ABatchOfZero", "signal/fft", R"({"real":[1],"batch":0})", "/input/batch"),
       wrong("ABatchBeyondTheData", "signal/fft", R"({"real":[1,2,3],"batch":2})", "/input/batch"),
       wrong("MoreClustersThanPoints", "ml/kmeans-cluster", R"({"data":[[1],[2]],"k":3})",
             "/input/k"),
       wrong("NoClusters", "ml/kmeans-cluster", R"({"data":[[1],[2]],"k":0})", "/input/k"),
       wrong("AnEdgeOutOfTheGraph", "graph/pagerank",
             R"({"graph":{"num_nodes":2,"edges":[[0,5]]}})", "/input/graph/edges/0/1"),
       wrong("AHugeGraphWithoutEdges", "graph/pagerank",
             R"({"graph":{"num_nodes":4294967296,"edges":[]}})", "/input/graph/num_nodes"),
       wrong("TheSmallestOfNothing", "core/reduce", R"({"data":[],"op":"min"})", "/input/data")});
}

}  // namespace

std::vector<abuse_case> input_cases() {
  std::vector<abuse_case> all;
  add_types(all);
  add_ranges(all);
  add_rules(all);
  return all;
}

}  // namespace kernd::test::abuse
