// `springbok eval`: a network's metrics on a source, every image exactly once.
#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "springbok/base/choice.h"
#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/json.h"
#include "springbok/base/quote.h"
#include "springbok/cli/command.h"
#include "springbok/cli/compute.h"
#include "springbok/cli/outputs.h"
#include "springbok/data/source/damaged.h"
#include "springbok/model/evaluate.h"
#include "springbok/model/output_match.h"

namespace springbok::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Asked {
  ComputeOptions compute;
  std::string data, split = "val", confusion, predictions;
  std::int64_t limit = 0, topk = 5;
  double val_share = 0;
  data::DamagedJpeg damaged_jpeg = data::DamagedJpeg::refuse;
  bool per_class = false, json = false, quiet = false;
};

Options data_options(Asked& asked) {
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

Options output_options(Asked& asked) {
  return {
      {.key = "per_class", .help = "print a table of classes", .field = &asked.per_class, .group = "Output"},
      {.key = "confusion",
       .help = "write the confusion matrix to this CSV file",
       .field = &asked.confusion,
       .group = "Output"},
      {.key = "predictions",
       .help = "write each image's best classes to this .csv or .json file",
       .field = &asked.predictions,
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

Options option_table(Asked& asked) {
  Options options = option_table(asked.compute);
  for (const Options& more : {data_options(asked), output_options(asked)}) {
    options.insert(options.end(), more.begin(), more.end());
  }
  return options;
}

/// What makes no sense, or cannot be written, is said before the work.
void check_asked(const Asked& asked, const Flags& flags) {
  if (asked.data.empty()) fail_usage("--data: give the images to evaluate on");
  if (is_given(flags, "topk") && asked.predictions.empty()) {
    fail_usage("--topk: has no effect without --predictions, whose columns it counts");
  }
  check_outputs({{"--confusion", asked.confusion}, {"--predictions", asked.predictions}},
                {{"--weights", asked.compute.weights}, {"--classes", asked.compute.classes}, {"--data", asked.data}});
  if (!asked.confusion.empty()) check_writable(asked.confusion);
  if (!asked.predictions.empty()) metrics::check_predictions_path(asked.predictions);
}

Json classes_json(const std::vector<metrics::ClassCount>& counts, const std::vector<std::string>& classes) {
  Json list = Json::array();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const metrics::ClassCount& count = counts[i];
    list.push_back({{"class", classes[i]},
                    {"images", count.samples},
                    {"top1", count.top1},
                    {"top5", count.top5},
                    {"predicted", count.predicted}});
  }
  return list;
}

void print_metrics(const model::Evaluation& evaluation, const std::vector<std::string>& classes, double seconds,
                   const std::string& matched_by, const Asked& asked, const data::Damaged& damaged) {
  const std::int64_t images = metrics::samples_of(evaluation.tally);
  const metrics::Metrics all = metrics::metrics_of(evaluation.tally);
  const double rate = static_cast<double>(images) / seconds;
  if (asked.json) {
    Json json{{"images", images}};
    json.update(metrics::to_json(all));
    json.update({{"seconds", seconds}, {"images_s", rate}, {"classes_matched_by", matched_by}});
    if (asked.compute.views.tta != model::Tta::none) {
      json["tta"] = name_of(asked.compute.views.tta, model::tta_names());
      json["tta_mean"] = name_of(asked.compute.views.mean, model::tta_mean_names());
    }
    if (asked.per_class) json["classes"] = classes_json(evaluation.per_class, classes);
    if (asked.damaged_jpeg != data::DamagedJpeg::refuse) {
      json["damaged_jpeg"] = name_of(asked.damaged_jpeg, data::kDamagedJpegNames);
      json["damaged"] = damaged.count();
    }
    std::printf("%s\n", json_text(json).c_str());
    return;
  }
  if (asked.per_class) std::printf("%s", metrics::per_class_table(evaluation.per_class, classes).c_str());
  std::string text;
  for (const metrics::Metric& metric : all) {
    const bool loss = metric.key == "loss";
    text += loss ? format("loss {:.4f}", metric.value)
                 : format(", {} {:.2f} %", metrics::title_of(metric.key), metric.value);
  }
  std::printf("%s images: %s (%.0f img/s)\n", with_commas(images).c_str(), text.c_str(), rate);
  if (damaged.count() > 0) std::printf("%s\n", damaged.text().c_str());
}

int run(Asked& asked, const Flags& flags) {
  apply_flags(flags, option_table(asked));
  check_asked(asked, flags);
  check_views(asked.compute, flags);
  use_threads(asked.compute);
  const auto network = open_network(asked.compute);
  data::Damaged damaged;
  auto all = open_for(network->card, asked.data, asked.split, asked.val_share);
  const auto source = data::limited(data::with_damaged(std::move(all), asked.damaged_jpeg, damaged), asked.limit);
  if (!asked.json) {
    std::printf("%s on %s%s\n", network->card.model.c_str(), source->description().c_str(),
                model::to_text(asked.compute.views).c_str());
  }
  const model::Outputs outputs{network->card.classes, network->names_assumed, asked.compute.classes};
  const model::OutputMatch match = model::match_outputs(*source, outputs);
  for (const std::string& each : match.warnings)
    std::fprintf(stderr, "springbok: warning: %s\n", one_line(each).c_str());
  if (!asked.json) std::printf("%s\n", printable(model::to_text(match, outputs)).c_str());
  const auto began = std::chrono::steady_clock::now();
  const model::Evaluation evaluation = model::evaluate(*network->executor, network->state, network->card.classes,
                                                       *source, data::Transform(network->card.preprocess),
                                                       {.outputs = match.outputs,
                                                        .batch = asked.compute.batch_size,
                                                        .workers = static_cast<int>(asked.compute.workers),
                                                        .confusion = !asked.confusion.empty(),
                                                        .views = asked.compute.views,
                                                        .predictions = asked.predictions.empty() ? 0 : asked.topk,
                                                        .quiet = asked.quiet,
                                                        .precision = asked.compute.precision});
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  print_metrics(evaluation, network->card.classes, seconds, match.by, asked,
                damaged);  // first: a file that fails must not cost them
  if (evaluation.confusion)
    write_file(asked.confusion, metrics::confusion_csv(*evaluation.confusion, network->card.classes));
  if (!asked.predictions.empty()) metrics::write_predictions(asked.predictions, evaluation.predictions);
  return 0;
}

}  // namespace

Command eval_command() {
  const auto asked = std::make_shared<Asked>();
  return {.name = "eval",
          .help = "Evaluate weights on labelled images",
          .options = option_table(*asked),
          .run = [asked](const Flags& flags, const std::vector<std::string>&) { return run(*asked, flags); }};
}

}  // namespace springbok::cli
