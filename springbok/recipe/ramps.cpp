// What moves over a run beside the learning rate.
#include "springbok/recipe/ramps.h"

#include <algorithm>

namespace springbok::recipe {

std::int64_t training_size(const Progressive& progressive, std::int64_t full, std::int64_t epochs, std::int64_t epoch) {
  if (progressive.size == 0) return full;
  const std::int64_t last = progressive.epochs > 0 ? progressive.epochs : epochs - 1;
  if (epoch >= last) return full;
  const std::int64_t size = progressive.size + (full - progressive.size) * epoch / last;
  return std::max(progressive.size, size / progressive.step * progressive.step);
}

}  // namespace springbok::recipe
