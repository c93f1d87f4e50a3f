// Inside the room: what a rank loads of each batch.
#pragma once

#include <cstdint>
#include <optional>

#include "springbok/data/load/loader.h"

namespace springbok::data {

/// Positions [first, first + size) of the epoch, and the one whose image mixing takes for the first one's neighbour
/// when it is not among them.
struct Share {
  std::int64_t first = 0, size = 0;
  std::optional<std::int64_t> previous = {};
};

/// The batches of an epoch as one rank has them: of a batch of B images, the rank's share is [B * rank / ranks,
/// B * (rank + 1) / ranks), so that all ranks together have each image once and in the same batch as one rank alone.
class Shares {
 public:
  /// Throws UsageError for settings under which ranks would have nothing to do.
  Shares(const LoaderSettings& settings, std::int64_t samples);

  std::int64_t batches() const { return batches_; }
  /// The share of batch `number`; only that of an epoch's last batch may be empty.
  Share at(std::int64_t number) const;
  /// The position of the rank's `i`-th image from batch `number` on; nothing behind the last one.
  std::optional<std::int64_t> ahead(std::int64_t number, std::int64_t i) const;

 private:
  std::int64_t batch_, rank_, ranks_, mix_over_;
  std::int64_t batches_, positions_;  ///< of the epoch
};

}  // namespace springbok::data
