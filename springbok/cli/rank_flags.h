// Flags of several ranks, and what `train` makes of them: child processes, or a group to train with.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "springbok/base/option.h"
#include "springbok/engine/group.h"
#include "springbok/recipe/recipe.h"

namespace springbok::cli {

struct AskedRanks {
  std::string ranks;  ///< `N` or `auto`; "": none here
  std::string url;    ///< as both originals take it
  std::int64_t world_size = -1, rank = -1;
  double timeout = 300;  ///< seconds for a call of all ranks
};

Options rank_options(AskedRanks& asked);

/// The exit status of a rank that ends because of another one, which tells why.
inline constexpr int kEndedElsewhere = 3;

/// With `--ranks`: starts this command so many times, and returns the exit status to end with. Nothing without, and for
/// one rank. Throws UsageError where a launcher has started ranks already.
std::optional<int> run_as_ranks(const AskedRanks& asked);

/// The group of the ranks that a launcher or the flags name, joined; null where there is one process alone. Threads and
/// workers that the recipe leaves open are made so many that the machine's ranks share its cores.
std::unique_ptr<engine::Group> join_ranks(const AskedRanks& asked, recipe::Recipe& recipe);

}  // namespace springbok::cli
