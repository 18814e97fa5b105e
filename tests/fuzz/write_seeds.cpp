// Writes a folder of the committed corpus as the bytes that libFuzzer starts from.

#include "tests/fuzz/seed_file.hpp"

#include <fstream>
#include <iostream>

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "Usage: " << argv[0] << " FROM-FOLDER TO-FOLDER\n";
    return 2;
  }
  for (const auto& file : kernd::fuzz::seed_files(argv[1])) {
    const auto target = std::filesystem::path{argv[2]} / file.filename();
    std::ofstream out{target, std::ios::binary};
    if (!(out << kernd::fuzz::read_seed(file) << std::flush)) {
      std::cerr << target.string() << " cannot be written\n";
      return 1;
    }
  }
}
