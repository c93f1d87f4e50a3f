// What a stepper is told once: rates, losses, precision, ranks.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

#include "springbok/engine/group.h"
#include "springbok/engine/pass.h"
#include "springbok/recipe/curve.h"
#include "springbok/recipe/learn_settings.h"
#include "springbok/tasks/classify.h"
#include "springbok/tasks/distil.h"

namespace springbok::train {

/// The loss summed over a batch, a scalar: of the network's output and the batch's targets.
using Loss = std::function<at::Tensor(const at::Tensor&, const tasks::MixedTargets&)>;

Loss cross_entropy(double label_smoothing = 0);

/// Another network's logits for the same images, and how much of the loss they make (tasks/distil.h).
struct Distillation {
  std::function<at::Tensor(const at::Tensor& input)> teacher = nullptr;  ///< null: none
  double alpha = 0.5;
  tasks::DistilOptions options = {};
};

struct StepperSettings {
  recipe::Curve rate = recipe::constant(0.1);                       ///< the learning rate
  recipe::Curve momentum = nullptr;                                 ///< null: as the optimizer has it
  std::function<engine::Ramps(std::int64_t step)> ramps = nullptr;  ///< how much is dropped; null: as the graph says
  Loss loss = cross_entropy();
  double aux_weight = 0;           ///< of the loss of a network's auxiliary output
  Distillation distillation = {};  ///< the loss is then (1 - alpha) of its own and alpha of the teacher's
  std::uint64_t seed = 0;
  Precision precision = Precision::fp32;    ///< of forward and backward; the loss is of float32 outputs
  engine::Group* group = &engine::alone();  ///< the ranks that share a step
  recipe::BnStats bn_stats = recipe::BnStats::average;
  recipe::Compress compress = recipe::Compress::none;
  bool recompute = false;  ///< blocks run again in backward, for less memory
  bool graphs = true;      ///< passes are captured and played where they can be (engine/player.h)
  recipe::SharpnessSettings sharpness = {};
};

}  // namespace springbok::train
