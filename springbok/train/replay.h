// A step that was not finite, made again from its dump.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace springbok::train {

/// What a step ended in: `error` is "" where all was finite.
struct StepOutcome {
  std::string error;
  std::vector<double> losses;  ///< summed over each batch up to there

  /// To the last bit; what is no number equals what is none.
  bool operator==(const StepOutcome& other) const;
};

struct Replayed {
  std::string model;
  std::int64_t step = 0;            ///< from 1
  std::vector<std::string> images;  ///< of the last batch that was computed
  StepOutcome then, now;
};

/// Gives the batches of a dump (dump.h) to its network, as the run did: with its recipe, seed, optimizer and number of
/// compute threads. Throws Error for a file that is no dump, or one of a program's own network, loss or rate.
Replayed replay(const std::filesystem::path& path);

}  // namespace springbok::train
