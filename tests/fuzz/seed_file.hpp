#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace kernd::fuzz {

/// The bytes that a file of the committed corpus stands for. Such a file is text: `\r`, `\n`, `\t`,
/// `\\` and `\xHH` mean what they mean in C, a backslash at the end of a line joins it to the next,
/// and the newline at the end of the file does not count.
/// Throws `std::runtime_error` when it cannot be read or has another escape.
std::string read_seed(const std::filesystem::path& file);

/// The files of a folder of the corpus, sorted. Throws `std::runtime_error` when there is none.
std::vector<std::filesystem::path> seed_files(const std::filesystem::path& folder);

}  // namespace kernd::fuzz
