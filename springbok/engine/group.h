// The ranks of a step: several processes that compute its shares and agree on sums.
#pragma once

#include <ATen/core/Tensor.h>

namespace springbok::engine {

/// An argument of a pass; the graph never knows it. Each call is made by all ranks, in the same order and with tensors
/// of one shape, and returns when its rank's part is done.
class Group {
 public:
  virtual ~Group() = default;
  virtual int rank() const = 0;  ///< 0 to size() - 1
  virtual int size() const = 0;
  /// Makes the tensor the sum over all ranks, the same bits on each.
  virtual void sum(at::Tensor& tensor) = 0;
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
