// Inside the room: which ranks live, and which are gone, as those that are left find out in the store they met in.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include "springbok/ranks/place.h"

namespace springbok::ranks {

using Store = c10::intrusive_ptr<c10d::Store>;

/// A rank's sign of life: a thread counts in the store while the process runs. It also passes on, from rank to rank,
/// that one hails the others.
class Beat {
 public:
  Beat(Store store, const Place& place);
  ~Beat();
  Beat(const Beat&) = delete;
  Beat& operator=(const Beat&) = delete;

  void hail();
  bool hailed() const;
  /// Between two signs.
  static std::chrono::milliseconds pause(const Place& place);

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

struct Missing {
  std::string text;     ///< `ranks 2, 3 are gone, or hang`
  bool told = false;    ///< another rank tells people
  bool failed = false;  ///< no rank is gone: one has left with an error that it told
};

/// Each rank that is left calls this when a call of the group failed. It says so in the store, and waits for the
/// others: for those that show no sign of life a few seconds, for others until `limit`. Of those that are left the
/// first tells people. Where the store does not answer, rank 0 is gone, which holds it, and rank 1 tells. Never throws.
Missing missing_ranks(const Store& store, const Place& place, std::chrono::milliseconds limit);

/// This rank ends, and has told people why. Where it holds the store it waits for the others to have looked there.
void say_left(const Store& store, const Place& place, std::chrono::milliseconds limit);

}  // namespace springbok::ranks
