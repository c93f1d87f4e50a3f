// Reads any bytes as a value that old pyarrow serialised.
#include <cstddef>
#include <cstdint>
#include <span>

#include "springbok/base/error.h"
#include "springbok/data/lmdb/arrow_value.h"

namespace {

/// Looks at every byte that the value refers to; the sanitizer does the rest.
std::size_t sum(const springbok::data::ArrowValue& value) {
  std::size_t total = 0;
  if (const auto* bytes = value.bytes()) {
    for (const std::byte each : *bytes) total += std::to_integer<std::size_t>(each);
  }
  if (const auto* list = value.list()) {
    for (const auto& each : *list) total += sum(each);
  }
  return total;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    sum(springbok::data::read_arrow(std::as_bytes(std::span(data, size)), "fuzz"));
  } catch (const springbok::Error&) {
    return 0;
  }
  return 0;
}
