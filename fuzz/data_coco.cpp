// Reads any bytes as COCO's annotations, and what it read as the body of an index.
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>

#include "springbok/base/error.h"
#include "springbok/data/labels/coco_index.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace springbok;
  try {
    const data::CocoInstances coco = data::read_coco(std::as_bytes(std::span(data, size)), "fuzzed");
    const auto again = data::read_coco_index(data::write_coco_index("stamp", coco), "stamp");
    if (!again || again->labels != coco.labels || again->classes != coco.classes) {
      throw std::logic_error("an index gives other annotations back");
    }
  } catch (const Error&) {
    return 0;
  }
  return 0;
}
