// `springbok eval`: a network's metrics on a source, every image exactly once.
#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "springbok/base/choice.h"
#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/json.h"
#include "springbok/base/overload.h"
#include "springbok/base/quote.h"
#include "springbok/cli/command.h"
#include "springbok/cli/compute.h"
#include "springbok/cli/data.h"
#include "springbok/cli/eval_output.h"
#include "springbok/cli/mask_files.h"
#include "springbok/cli/outputs.h"
#include "springbok/cli/task_flags.h"
#include "springbok/data/source/damaged.h"
#include "springbok/model/evaluate.h"
#include "springbok/model/output_match.h"

namespace springbok::cli {
namespace {

using Json = nlohmann::ordered_json;

Options data_options(EvalAsked& asked) {
  return {
      {.key = "data",
       .help = std::string("where the images are: PATH, or KIND:PATH with KIND ") + data::kSourceKinds,
       .field = &asked.data,
       .group = "Data"},
      {.key = "split", .help = "which part of it: train, val, test, ...", .field = &asked.split, .group = "Data"},
      {.key = "val_share",
       .help = "validate with this share of the training images, as train does; 0: what the weights say",
       .field = &asked.val_share,
       .min = 0,
       .max = 0.9,
       .group = "Data"},
      {.key = "limit",
       .help = "so many images, spread evenly; 0: all",
       .field = &asked.limit,
       .min = 0,
       .group = "Data"},
      {.key = "damaged_jpeg",
       .help = "JPEGs with damage that Pillow reads over are errors, or read with Pillow's pixels and counted",
       .field = &asked.damaged_jpeg,
       .choices = data::kDamagedJpegNames,
       .group = "Data"},
  };
}

Options output_options(EvalAsked& asked) {
  return {
      {.key = "per_class", .help = "print a table of classes", .field = &asked.per_class, .group = "Output"},
      {.key = "threshold",
       .help = "of labels: given where their probability is above it",
       .field = &asked.threshold,
       .min = 0,
       .max = 1,
       .group = "Output"},
      {.key = "bootstrap",
       .help = "of labels and masks: resamples of the images that 95 % intervals are made of; 0: no intervals",
       .field = &asked.bootstrap,
       .min = 0,
       .max = 1000000,
       .group = "Output"},
      {.key = "seed", .help = "of --bootstrap", .field = &asked.seed, .min = 0, .group = "Output"},
      {.key = "confusion",
       .help = "write the confusion matrix (of classes or pixels) to this CSV file",
       .field = &asked.confusion,
       .group = "Output"},
      {.key = "predictions",
       .help = "write each image's best classes, labels or mask to this .csv or .json file",
       .field = &asked.predictions,
       .group = "Output"},
      {.key = "masks",
       .help = "write each predicted mask to this folder, as a PNG of indices in VOC's colours",
       .field = &asked.masks,
       .group = "Output"},
      {.key = "cut_back",
       .help =
           "of --masks under --protocol elastic: at the image's place, or cut as Elastic saves them, rows and columns "
           "swapped",
       .field = &asked.cut_back,
       .choices = {"exact", "elastic"},
       .group = "Output"},
      {.key = "topk",
       .help = "best classes an image in --predictions",
       .field = &asked.topk,
       .min = 1,
       .group = "Output"},
      {.key = "json", .help = "print the metrics as one JSON object", .field = &asked.json, .group = "Output"},
      {.key = "quiet", .help = "no progress", .field = &asked.quiet, .group = "Output"},
  };
}

Options option_table(EvalAsked& asked) {
  Options options = option_table(asked.compute);
  for (const Options& more : {data_options(asked), output_options(asked)}) {
    options.insert(options.end(), more.begin(), more.end());
  }
  return options;
}

constexpr std::array kTaskFlags{TaskFlag{"threshold", false, true, false}, TaskFlag{"bootstrap", false, true, true},
                                TaskFlag{"seed", false, true, true},       TaskFlag{"confusion", true, false, true},
                                TaskFlag{"masks", false, false, true},     TaskFlag{"cut_back", false, false, true},
                                TaskFlag{"topk", true, true, false}};

/// What makes no sense, or cannot be written, is said before the work.
void check_asked(const EvalAsked& asked, const Flags& flags) {
  if (asked.data.empty()) fail_usage("--data: give the images to evaluate on");
  if (is_given(flags, "topk") && asked.predictions.empty()) {
    fail_usage("--topk: has no effect without --predictions, whose columns it counts");
  }
  if (is_given(flags, "seed") && asked.bootstrap == 0) fail_usage("--seed: has no effect with --bootstrap 0");
  check_outputs({{"--confusion", asked.confusion}, {"--predictions", asked.predictions}},
                {{"--weights", asked.compute.weights}, {"--classes", asked.compute.classes}, {"--data", asked.data}});
  check_output_folder({"--masks", asked.masks}, {{"--data", asked.data}});
  if (!asked.confusion.empty()) check_writable(asked.confusion);
  if (!asked.predictions.empty()) metrics::check_predictions_path(asked.predictions);
}

/// What depends on the task, which the weights say.
void check_task(const model::Card& card, const data::Source& source, const EvalAsked& asked, const Flags& flags) {
  check_task_flags(card.task, flags, kTaskFlags);
  check_pixel_views(asked.compute, flags, card);
  expect_task(card, source);
  const bool native = asked.compute.pixels.protocol == model::Protocol::native;
  if (native && std::holds_alternative<metrics::Segment>(card.task) && is_given(flags, "batch_size")) {
    fail_usage("--batch-size: has no effect on images at their own size, which come one by one");
  }
  if (std::holds_alternative<metrics::Segment>(card.task) && !asked.predictions.empty() && asked.masks.empty()) {
    fail_usage("--predictions: give --masks DIR too, the folder of the masks that it names");
  }
  if (is_given(flags, "cut_back") && (asked.masks.empty() || native)) {
    fail_usage("--cut-back: has no effect without --masks and --protocol elastic, whose crops it cuts back");
  }
  if (!asked.masks.empty()) check_masks_folder(asked.masks);
}

/// `; each image also mirrored, mean of logits`, and of pixels how images are scored.
std::string views_text(const ComputeOptions& compute, const model::Card& card) {
  if (!std::holds_alternative<metrics::Segment>(card.task)) return model::to_text(compute.views);
  return "; " + model::to_text(compute.pixels, compute.views, card.preprocess.size);
}

std::unique_ptr<EvalOutput> output_of(const EvalAsked& asked, const data::Source& source, const model::Card& card) {
  return std::visit(Overload{[&](const metrics::Classify&) { return class_output(asked); },
                             [&](const metrics::MultiLabel&) { return label_output(asked); },
                             [&](const metrics::Segment&) { return pixel_output(asked, source, card); }},
                    card.task);
}

Json json_of(const EvalOutput& output, const model::Evaluation& evaluation, double seconds,
             const std::string& matched_by, const EvalAsked& asked, const data::Damaged& damaged) {
  Json json = output.metrics(evaluation);
  const auto images = static_cast<double>(metrics::samples_of(evaluation.tally));
  json.update({{"seconds", seconds}, {"images_s", images / seconds}, {"classes_matched_by", matched_by}});
  if (asked.compute.views.tta != model::Tta::none) {
    json["tta"] = name_of(asked.compute.views.tta, model::tta_names());
    json["tta_mean"] = name_of(asked.compute.views.mean, model::tta_mean_names());
  }
  if (std::holds_alternative<metrics::PixelTally>(evaluation.tally)) {
    json["protocol"] = name_of(asked.compute.pixels.protocol, model::protocol_names());
    json["scales"] = asked.compute.pixels.scales;
    json["window"] = asked.compute.pixels.window;
  }
  if (asked.per_class) json["classes"] = output.classes(evaluation);
  if (asked.damaged_jpeg != data::DamagedJpeg::refuse) {
    json["damaged_jpeg"] = name_of(asked.damaged_jpeg, data::kDamagedJpegNames);
    json["damaged"] = damaged.count();
  }
  return json;
}

void print(const EvalOutput& output, const model::Evaluation& evaluation, double seconds, const std::string& matched_by,
           const EvalAsked& asked, const data::Damaged& damaged) {
  if (asked.json) {
    std::printf("%s\n", json_text(json_of(output, evaluation, seconds, matched_by, asked, damaged)).c_str());
    return;
  }
  const auto images = static_cast<double>(metrics::samples_of(evaluation.tally));
  std::printf("%s", output.text(evaluation, images / seconds).c_str());
  if (damaged.count() > 0) std::printf("%s\n", damaged.text().c_str());
}

int run(EvalAsked& asked, const Flags& flags) {
  apply_flags(flags, option_table(asked));
  check_asked(asked, flags);
  check_views(asked.compute, flags);
  use_threads(asked.compute);
  const auto network = open_network(asked.compute);
  data::Damaged damaged;
  auto all = open_for(network->card, asked.data, asked.split, asked.val_share);
  const auto source = data::limited(data::with_damaged(std::move(all), asked.damaged_jpeg, damaged), asked.limit);
  print_warnings(*source);
  settle_task(*network, source.get(), asked.compute.weights);
  check_task(network->card, *source, asked, flags);
  if (!asked.json) {
    std::printf("%s on %s%s\n", network->card.model.c_str(), source->description().c_str(),
                views_text(asked.compute, network->card).c_str());
  }
  const model::Outputs outputs{network->card.classes, network->names_assumed, asked.compute.classes};
  const model::OutputMatch match = model::match_outputs(*source, outputs);
  for (const std::string& each : match.warnings)
    std::fprintf(stderr, "springbok: warning: %s\n", one_line(each).c_str());
  if (!asked.json) std::printf("%s\n", printable(model::to_text(match, outputs)).c_str());
  const auto output = output_of(asked, *source, network->card);
  model::EvaluateSettings settings{.outputs = match.outputs,
                                   .batch = asked.compute.batch_size,
                                   .workers = static_cast<int>(asked.compute.workers),
                                   .views = asked.compute.views,
                                   .pixels = asked.compute.pixels,
                                   .quiet = asked.quiet,
                                   .precision = asked.compute.precision};
  output->prepare(settings);
  const auto began = std::chrono::steady_clock::now();
  const model::Evaluation evaluation = model::evaluate(
      *network->executor, network->state, network->card.classes, *source,
      model::evaluation_transform(network->card.preprocess, source->target_kind(), asked.compute.pixels.protocol),
      settings);
  output->finish(evaluation);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  print(*output, evaluation, seconds, match.by, asked, damaged);  // first: a file that fails must not cost them
  output->write(evaluation);
  return 0;
}

}  // namespace

Command eval_command() {
  const auto asked = std::make_shared<EvalAsked>();
  return {.name = "eval",
          .help = "Evaluate weights on labelled images",
          .options = option_table(*asked),
          .run = [asked](const Flags& flags, const std::vector<std::string>&) { return run(*asked, flags); }};
}

}  // namespace springbok::cli
