// The ranks of a step: several processes that compute its shares and agree on sums.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>

#include "springbok/base/error.h"

namespace springbok::engine {

/// Another rank is gone, or does not answer in time: the group is of no more use.
class RankLost : public Error {
 public:
  using Error::Error;
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
