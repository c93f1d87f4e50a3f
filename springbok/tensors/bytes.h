// Bytes of files: little-endian integers, as zip, pickle and safetensors store them, and text.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace springbok::tensors {

static_assert(std::endian::native == std::endian::little, "weight files are mapped, not swapped");

/// Appends the integer's bytes, lowest first.
template <std::integral T>
void append_le(std::string& out, T value) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  out.append(bytes, sizeof(T));
}

/// The integer at `at`, which need not be aligned; the caller has checked that it lies inside.
template <class T>
T load_le(std::span<const std::byte> bytes, std::size_t at = 0) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof(T));
  return value;
}

inline std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline std::span<const std::byte> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

/// Whether the text is well-formed UTF-8 (no overlong forms, no surrogates).
bool is_utf8(std::string_view text);

/// Text from a file, fit for a message: control characters and bytes that are not UTF-8 replaced, at most 120 bytes.
std::string printable(std::string_view text);

}  // namespace springbok::tensors
