// What eval and predict share.
#include "springbok/cli/compute.h"

#include <cstdio>
#include <utility>

#include "springbok/base/choice.h"
#include "springbok/base/error.h"
#include "springbok/base/quote.h"
#include "springbok/base/threads.h"
#include "springbok/engine/device.h"
#include "springbok/engine/place.h"
#include "springbok/engine/threads.h"
#include "springbok/model/evaluate.h"
#include "springbok/weights/fit/allow.h"

namespace springbok::cli {
namespace {

Options pixel_options(model::PixelViews& pixels) {
  return {
      {.key = "protocol",
       .help = "segmentation: images at their own size, or padded to the training crop as Elastic evaluates",
       .field = &pixels.protocol,
       .choices = model::protocol_names(),
       .group = "Run"},
      {.key = "scales",
       .help = "segmentation: the mean over the image at these scales, such as 0.5,0.75,1,1.25,1.5",
       .field = &pixels.scales,
       .min = 0.05,
       .max = 16,
       .group = "Run"},
      {.key = "window",
       .help = "segmentation: larger images in windows of this side that overlap by a third; 0: whole",
       .field = &pixels.window,
       .min = 0,
       .max = data::kLargestSize,
       .group = "Run"},
  };
}

Options weight_options(ComputeOptions& options) {
  return {
      {.key = "weights",
       .help = "released weights, a training checkpoint, or a state dict (.safetensors, .pt, .pth)",
       .field = &options.weights,
       .group = "Weights"},
      {.key = "model",
       .help = "the zoo's name, for a file that does not say it",
       .field = &options.model,
       .group = "Weights"},
      {.key = "entry",
       .help = "key of the state dict inside the file, such as state_dict_ema",
       .field = &options.entry,
       .group = "Weights"},
      {.key = "classes",
       .help = "file with one class name a line, in order of the outputs; wins over what the weights say",
       .field = &options.classes,
       .group = "Weights"},
      allow_option(options.allow),
      task_option(options.task),
  };
}

Options run_options(ComputeOptions& options) {
  return {
      {.key = "batch_size",
       .help = "images at a time",
       .field = &options.batch_size,
       .min = 1,
       .max = 1 << 16,
       .group = "Run"},
      {.key = "device",
       .help = "where to compute: cpu, cuda (the first) or cuda:N",
       .field = &options.device,
       .group = "Run"},
      {.key = "precision",
       .help = "fp32, or mixed: bf16 or fp16 where PyTorch's autocast has it",
       .field = &options.precision,
       .choices = precision_names(),
       .group = "Run"},
      {.key = "threads",
       .help = "compute threads; 0: all usable cores",
       .field = &options.threads,
       .min = 0,
       .max = 1024,
       .group = "Run"},
      {.key = "workers",
       .help = "loading threads; -1: as many as the cores",
       .field = &options.workers,
       .min = -1,
       .max = 1024,
       .group = "Run"},
      {.key = "tta",
       .help = "test-time augmentation: each image also mirrored (flip), and the mean of both scores",
       .field = &options.views.tta,
       .choices = model::tta_names(),
       .group = "Run"},
      {.key = "tta_mean",
       .help = "what --tta averages",
       .field = &options.views.mean,
       .choices = model::tta_mean_names(),
       .group = "Run"},
  };
}

}  // namespace

Options option_table(ComputeOptions& options) {
  Options table = weight_options(options);
  for (const Options& more : {run_options(options), pixel_options(options.pixels), option_table(options.preprocess)}) {
    table.insert(table.end(), more.begin(), more.end());
  }
  return table;
}

void check_views(const ComputeOptions& options, const Flags& flags) {
  if (options.views.tta == model::Tta::none && is_given(flags, "tta_mean")) {
    fail_usage("--tta-mean: has no effect without --tta flip");
  }
}

void check_pixel_views(const ComputeOptions& options, const Flags& flags, const model::Card& card) {
  const bool segments = std::holds_alternative<metrics::Segment>(card.task);
  for (const char* key : {"protocol", "scales", "window"}) {
    if (!segments && is_given(flags, key)) {
      fail_usage("{}: has no effect on a network of the task {}; it needs one that segments", flag_name(key),
                 metrics::name_of(card.task));
    }
  }
  for (const char* key : {"scales", "window", "tta"}) {
    if (options.pixels.protocol == model::Protocol::elastic && is_given(flags, key)) {
      fail_usage("{}: has no effect with --protocol elastic, which is one pass", flag_name(key));
    }
  }
  if (options.pixels.scales.empty()) fail_usage("--scales: give at least one");
}

void expect_task(const model::Card& card, const data::Source& source) {
  const metrics::Task asked = model::task_of(source);
  if (asked == card.task) return;
  fail("{}: is labelled for the task {}, the network is of the task {} ({})", source.description(),
       metrics::name_of(asked), metrics::name_of(card.task), card.model);
}

Option allow_option(std::vector<std::string>& words) {
  return {.key = "allow",
          .help =
              "how the file may fall short of the network: 'head' (another classifier), 'missing' parameters, "
              "'shapes' that differ, 'unused' tensors; what is not loaded starts anew",
          .field = &words,
          .choices = weights::allowable(),
          .group = "Weights"};
}

Option task_option(recipe::TaskChoice& task) {
  return {.key = "task",
          .help = "what the outputs of bare weights are: auto, by the network and the data",
          .field = &task,
          .choices = recipe::task_choices(),
          .group = "Weights"};
}

std::optional<metrics::Task> task_asked(recipe::TaskChoice task) {
  if (task == recipe::TaskChoice::automatic) return std::nullopt;
  return metrics::task_named(name_of(task, recipe::task_choices()), "--task");
}

void settle_task(model::Network& network, const data::Source* source, const std::string& weights) {
  if (!network.task_assumed) return;
  network.task_assumed = false;
  if (source == nullptr) {
    std::fprintf(stderr,
                 "springbok: warning: %s: nothing says what its outputs are: taken for one class an image; --task "
                 "multilabel takes them for labels\n",
                 printable(weights).c_str());
  } else if (model::task_of(*source) == metrics::Task(metrics::MultiLabel{})) {
    network.card.task = metrics::MultiLabel{};
    std::fprintf(stderr, "springbok: note: %s: its outputs are taken for labels, which the data have\n",
                 printable(weights).c_str());
  }
}

void use_threads(ComputeOptions& options) {
  const ThreadSplit split =
      split_threads(usable_cores(), static_cast<int>(options.threads), static_cast<int>(options.workers));
  options.threads = split.compute;
  if (options.workers < 0) options.workers = split.loaders;
  engine::set_compute_threads(split.compute);
}

std::unique_ptr<model::Network> open_network(const ComputeOptions& options) {
  if (options.weights.empty()) fail_usage("--weights: give the file with the network's weights");
  const at::Device device = engine::parse_device(options.device, "--device");
  auto network = model::open_network(options.weights, {.model = options.model,
                                                       .entry = options.entry,
                                                       .classes = options.classes,
                                                       .allow = options.allow,
                                                       .task = task_asked(options.task)});
  engine::put(network->state, device);
  if (!network->report.empty()) std::fprintf(stderr, "%s\n", one_line(network->report).c_str());
  apply(options.preprocess, network->card, network->preprocess_assumed, options.weights);
  return network;
}

std::unique_ptr<data::Source> open_for(const model::Card& card, const std::string& data, const std::string& split,
                                       double val_share) {
  const bool asked = val_share > 0;
  return data::open_source(data, data::Split(split),
                           {.val_share = asked ? val_share : card.val_share, .share_where_needed = !asked});
}

}  // namespace springbok::cli
