// What eval and predict share: the weights to open and the threads to use.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "springbok/base/option.h"
#include "springbok/base/precision.h"
#include "springbok/cli/command.h"
#include "springbok/cli/preprocess_flags.h"
#include "springbok/data/source/source.h"
#include "springbok/model/network.h"
#include "springbok/model/pixel_scores.h"
#include "springbok/model/views.h"
#include "springbok/recipe/task_settings.h"

namespace springbok::cli {

struct ComputeOptions {
  std::string weights = {}, model = {}, entry = {}, classes = {};
  std::vector<std::string> allow = {};
  std::int64_t batch_size = 32, threads = 0, workers = -1;
  Precision precision = Precision::fp32;
  std::string device = "cpu";
  recipe::TaskChoice task = recipe::TaskChoice::automatic;  ///< of bare weights
  PreprocessFlags preprocess = {};
  model::Views views = {};
  model::PixelViews pixels = {};
};

/// The options as the user sees them.
Options option_table(ComputeOptions& options);

/// Sets the compute threads and fills in `threads` and `workers`.
void use_threads(ComputeOptions& options);

/// Throws UsageError for a flag of views that another leaves without effect.
void check_views(const ComputeOptions& options, const Flags& flags);

/// The same for flags of pixels' scores: a network of another task, or Elastic's one pass, leaves them without effect.
void check_pixel_views(const ComputeOptions& options, const Flags& flags, const model::Card& card);

/// Throws Error where a source is labelled for another task than the network's.
void expect_task(const model::Card& card, const data::Source& source);

/// `--allow`, for every command that loads weights.
Option allow_option(std::vector<std::string>& words);

/// `--task`, and what it says of bare weights: nothing for `auto`.
Option task_option(recipe::TaskChoice& task);
std::optional<metrics::Task> task_asked(recipe::TaskChoice task);

/// What the outputs of bare weights are, where nothing told: as the data are labelled, or classes, which is said on
/// standard error. `source`: nullptr for images alone.
void settle_task(model::Network& network, const data::Source* source, const std::string& weights);

/// The network named by `--weights`, its preprocessing as the flags say. What was loaded of it, and what of its
/// preprocessing is assumed or changed, is printed on standard error. Throws UsageError when it was not given.
std::unique_ptr<model::Network> open_network(const ComputeOptions& options);

/// A part of the data for weights. The share of the training images held out is the one asked for. Else it is the one
/// that the weights were trained with, where the data have no validation images of their own.
std::unique_ptr<data::Source> open_for(const model::Card& card, const std::string& data, const std::string& split,
                                       double val_share);

}  // namespace springbok::cli
