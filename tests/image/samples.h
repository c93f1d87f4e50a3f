// Images that the tests make by a formula, as make_fixtures.py does, and the files that it wrote.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "springbok/image/image.h"

namespace springbok::image {

/// Slopes with noise; channel 3 has wide fields of 0 and 255.
Image formula(int height, int width, int channels);

/// Runs `check` once with each instruction set that the machine has.
void on_every_instruction_set(const std::function<void()>& check);

/// First 16 hex digits of the SHA-256 of the pixels.
std::string digest(const Image& image);

/// tests/image/NAME, and the bytes of tests/image/files/NAME.
std::filesystem::path fixture(const std::string& name);
std::vector<std::byte> encoded_file(const std::string& name);

}  // namespace springbok::image
