// Hand-made files: archives around a pickle, and pickles opcode by opcode.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace springbok::tensors {

/// The bytes of a zip archive with these records, each stored.
std::string archive(const std::vector<std::pair<std::string, std::string>>& records);

/// The bytes of a PyTorch zip file: this pickle (without protocol and stop) and a storage `0` of so many bytes.
std::string torch_file(const std::string& pickle, std::size_t storage = 16);

/// The message that reading the bytes as `x.pth` ends in; "read" when it succeeds. Fails the test when memory is asked
/// for that the file's size does not justify, or when the error is not one clear line about the file.
std::string outcome(const std::string& bytes);

// Opcodes.
std::string text(const std::string& value);
std::string integer(std::int64_t value);
std::string tuple(const std::vector<std::string>& items);
std::string global(const std::string& module, const std::string& name);
std::string call(const std::string& function, const std::vector<std::string>& arguments);
std::string sizes(const std::vector<std::int64_t>& values);

/// A float32 tensor over storage `key` of `total` elements.
std::string tensor(std::int64_t offset, const std::vector<std::int64_t>& shape,
                   const std::vector<std::int64_t>& strides, std::int64_t total = 4, const std::string& key = "0");

/// `{"a": value}`.
std::string dict(const std::string& value);

}  // namespace springbok::tensors
