// What a run will do, told before it does it: steps, batch, parameters, memory, disk, time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "springbok/data/source/source.h"
#include "springbok/recipe/about.h"
#include "springbok/recipe/curve.h"
#include "springbok/recipe/pace.h"
#include "springbok/recipe/recipe.h"

namespace springbok::train {

/// Bytes at the moment when a training needs most.
struct MemoryPlan {
  std::int64_t step = 0;        ///< values, their gradients and the parameters' (engine/step_memory.h)
  std::int64_t parameters = 0;  ///< with running statistics
  std::int64_t optimizer = 0;   ///< its buffers
  std::int64_t averages = 0;    ///< a second set of weights
  std::int64_t copy = 0;        ///< of a checkpoint that is being written
  std::int64_t batches = 0;     ///< loaded ahead
  std::int64_t program = 0;     ///< the program itself, with LibTorch

  std::int64_t total() const { return step + parameters + optimizer + averages + copy + batches + program; }
};

/// Bytes that a run folder takes at most.
struct DiskPlan {
  std::int64_t checkpoint = 0, weights = 0;
  std::int64_t checkpoints = 0;  ///< files: the last, the best, those that stay, one that is being written
  std::int64_t stay = 0;

  std::int64_t total() const { return checkpoint * checkpoints + weights; }
};

/// What steps of random images took.
struct Probe {
  std::int64_t batches = 0;
  double seconds = 0;  ///< of one batch
};

struct Plan {
  recipe::Recipe recipe;  ///< resolved
  recipe::Pace pace;
  recipe::Schedule schedule;
  recipe::Curve rate;  ///< of each step
  std::int64_t images = 0, val_images = 0;
  std::int64_t decayed = 0, undecayed = 0;  ///< trainable numbers that take weight decay, and that do not
  std::int64_t frozen = 0;                  ///< numbers that are not trained
  MemoryPlan memory;
  DiskPlan disk;
  std::optional<Probe> probe;
};

/// A source of as many images as a recipe says its data set has, without one of them; labelled as its task wants.
std::unique_ptr<data::Source> promised_source(const recipe::About& about, int channels, recipe::TaskChoice task = {});

/// The plan for these images; `recipe` is as it was read. Runs the network forward once on two images, to learn its
/// steps; with `probe` above 0 also so many batches forward and backward. Throws UsageError as a training's start does.
Plan make_plan(recipe::Recipe recipe, const data::Source& training, std::int64_t val_images, std::int64_t probe = 0);

}  // namespace springbok::train
