// What moves over a run beside the learning rate: the size of the training images, and how much is dropped.
#pragma once

#include <cstdint>

namespace springbok::recipe {

/// Progressive resizing (Howard 2018; Tan and Le 2021, sec. 4.2): training images start small and grow, in steps, to
/// the size that the evaluation has throughout.
struct Progressive {
  std::int64_t size = 0;    ///< of the first epoch; 0: all epochs have the full size
  std::int64_t epochs = 0;  ///< after which the full size is reached; 0: the last epoch alone has it
  std::int64_t step = 32;   ///< sizes between are multiples of it
};

/// The side of an epoch's training images, epochs from 0: on a line from `size` to `full`, cut to a multiple of `step`.
std::int64_t training_size(const Progressive& progressive, std::int64_t full, std::int64_t epochs, std::int64_t epoch);

/// Probabilities at a run's first step, from which they rise on a line towards the network's own; -1: no ramp. At step
/// i of n they are from + (to - from) i / n, as torch-toolbox's DropBlockScheduler has it.
struct DropFrom {
  double dropout = -1, drop_path = -1, drop_block = -1;
  bool any() const { return dropout >= 0 || drop_path >= 0 || drop_block >= 0; }
};

}  // namespace springbok::recipe
