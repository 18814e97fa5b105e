// Stands in for libFuzzer where clang is not used: runs one target on every file of its corpus.

#include "tests/fuzz/seed_file.hpp"

#include <cstddef>
#include <cstdint>
#include <iostream>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "Usage: " << argv[0] << " FOLDER\n";
    return 2;
  }
  LLVMFuzzerTestOneInput(nullptr, 0);  // what libFuzzer starts with
  std::size_t count = 0;
  for (const auto& file : kernd::fuzz::seed_files(argv[1])) {
    std::cout << file.filename().string() << std::endl;  // the last one is the culprit
    const std::string input = kernd::fuzz::read_seed(file);
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
    ++count;
  }
  std::cout << count << " inputs replayed\n";
}
