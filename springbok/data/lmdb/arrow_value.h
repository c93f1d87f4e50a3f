// Inside the room: values that pyarrow.serialize wrote (0.11 to its removal in 14): numbers, bytes, texts, lists of
// them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace springbok::data {

/// A view into the serialised bytes, which must outlive it.
struct ArrowValue {
  using List = std::vector<ArrowValue>;
  std::variant<std::monostate, std::int64_t, std::span<const std::byte>, List> value;

  const std::int64_t* number() const { return std::get_if<std::int64_t>(&value); }
  const std::span<const std::byte>* bytes() const { return std::get_if<std::span<const std::byte>>(&value); }
  const List* list() const { return std::get_if<List>(&value); }
};

/// Reads one value. A kind that is not known (a tensor, a dictionary) becomes `monostate`. Throws Error naming `where`
/// for bytes that are cut or no such value.
ArrowValue read_arrow(std::span<const std::byte> bytes, const std::string& where);

}  // namespace springbok::data
