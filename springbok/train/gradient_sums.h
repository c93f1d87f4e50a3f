// The sums of a step's gradients over several ranks, which begin while the backward pass still runs.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "springbok/engine/group.h"
#include "springbok/recipe/learn_settings.h"
#include "springbok/train/optim/param_group.h"

namespace springbok::train {

/// Parameters lie in buckets of 8 MB, the last ones first, as backward comes to them. Of a step's last batch each
/// bucket is sent as soon as its gradients are all there, always in the same order. So the bits do not depend on when
/// that is. All ranks have the same parameters. One without a gradient has none on any rank, and is left out.
class GradientSums {
 public:
  struct Settings {
    recipe::Compress compress = recipe::Compress::none;
    bool early = true;  ///< begin in backward; false: all behind it, as other sums of its own need
  };
  /// The parameters and the group outlive it.
  GradientSums(const std::vector<ParamGroup>& groups, engine::Group& group, Settings settings);
  ~GradientSums();
  GradientSums(const GradientSums&) = delete;
  GradientSums& operator=(const GradientSums&) = delete;

  /// The next backward pass is the last one before `finish`.
  void arm();
  /// Begins what has not begun.
  void begin_rest();
  /// Waits for all, and makes each gradient the sum over the ranks, the same bits on each.
  void finish();

  std::int64_t bytes() const { return bytes_; }  ///< given to the group so far

 private:
  struct Bucket {
    std::vector<at::Tensor> parameters;
    std::size_t ready = 0;            ///< parameters whose gradients are final
    std::vector<at::Tensor> rows;     ///< gradients in the order in which they lie
    at::Tensor sum;                   ///< what is sent
    std::function<void()> wait = {};  ///< empty before it has begun
  };

  void make_buckets(const std::vector<ParamGroup>& groups);
  void note(std::size_t bucket);
  void begin(Bucket& bucket);
  void end(Bucket& bucket) const;

  engine::Group& group_;
  Settings settings_;
  std::vector<Bucket> buckets_;
  std::size_t begun_ = 0;  ///< buckets that have begun, from the front
  bool armed_ = false;
  std::int64_t bytes_ = 0;
};

}  // namespace springbok::train
