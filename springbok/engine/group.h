// The ranks of a step: several processes that compute its shares and agree on sums.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <string>

#include "springbok/base/error.h"

namespace springbok::engine {

/// Another rank is gone, or does not answer in time: the group is of no more use.
class RankLost : public Error {
 public:
  explicit RankLost(const std::string& text, bool told = false) : Error(text), told_elsewhere(told) {}
  bool told_elsewhere;  ///< another rank says to people what happened
};

/// An argument of a pass; the graph never knows it. Each call is made by all ranks, in the same order and with tensors
/// of one shape, and returns when its rank's part is done. Each may throw RankLost.
class Group {
 public:
  virtual ~Group() = default;
  virtual int rank() const = 0;  ///< 0 to size() - 1
  virtual int size() const = 0;
  /// Makes the tensor the sum over all ranks, the same bits on each.
  virtual void sum(at::Tensor& tensor) = 0;
  /// Begins a sum and returns; what it returns waits for the end. Until then the tensor must live, and nobody touch it.
  virtual std::function<void()> begin_sum(at::Tensor& tensor) {
    sum(tensor);
    return [] {};
  }
  /// Makes the tensor that of rank `from`.
  virtual void broadcast(at::Tensor& tensor, int from) = 0;
  /// Returns when all ranks have come here.
  virtual void barrier() = 0;

  // The following are no calls of all: each rank makes them when it likes, and none waits for another.

  /// Lets all ranks know that this one would stop soon: `hailed` says so from then on.
  virtual void hail() {}
  virtual bool hailed() { return false; }
  /// This rank's last call, when it ends because of an error that it tells people itself: what others wait for throws.
  virtual void leave() {}
  /// Seconds that this rank has waited in the calls above so far.
  virtual double waited() const { return 0; }
};

/// One rank: nothing to agree on.
class Alone final : public Group {
 public:
  int rank() const override { return 0; }
  int size() const override { return 1; }
  void sum(at::Tensor&) override {}
  void broadcast(at::Tensor&, int) override {}
  void barrier() override {}
};

/// The one rank of a process that knows no other.
inline Alone& alone() {
  static Alone one;
  return one;
}

}  // namespace springbok::engine
