// `springbok predict`: the best classes of images, and what all tasks share.
#include "springbok/cli/predict.h"

#include <array>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/base/json.h"
#include "springbok/base/quote.h"
#include "springbok/cli/command.h"
#include "springbok/cli/compute.h"
#include "springbok/cli/data.h"
#include "springbok/cli/image_list.h"
#include "springbok/cli/task_flags.h"
#include "springbok/data/load/loader.h"
#include "springbok/data/source/damaged.h"
#include "springbok/metrics/prediction.h"
#include "springbok/model/evaluate.h"
#include "springbok/model/input.h"
#include "springbok/model/output_match.h"
#include "springbok/tasks/classify.h"

namespace springbok::cli {
namespace {

Options option_table(PredictAsked& asked) {
  Options options = option_table(asked.compute);
  const Options own{
      {.key = "split", .help = "part of a data set: train, val, test, ...", .field = &asked.split, .group = "Data"},
      {.key = "val_share",
       .help = "predict this share of the training images, as train holds it out; 0: what the weights say",
       .field = &asked.val_share,
       .min = 0,
       .max = 0.9,
       .group = "Data"},
      {.key = "limit",
       .help = "so many of the images, spread evenly; 0: all",
       .field = &asked.limit,
       .min = 0,
       .group = "Data"},
      {.key = "damaged_jpeg",
       .help = "JPEGs with damage that Pillow reads over are errors, or read with Pillow's pixels and said",
       .field = &asked.damaged_jpeg,
       .choices = data::kDamagedJpegNames,
       .group = "Data"},
      {.key = "topk", .help = "best classes an image", .field = &asked.topk, .min = 1, .group = "Output"},
      {.key = "threshold",
       .help = "of labels: given where their probability is above it",
       .field = &asked.threshold,
       .min = 0,
       .max = 1,
       .group = "Output"},
      {.key = "out",
       .help = "of pixels: write masks (PNGs of indices in VOC's colours), overlays and a legend to this folder",
       .field = &asked.out,
       .group = "Output"},
      {.key = "json", .help = "print a JSON list, one object an image", .field = &asked.json, .group = "Output"},
  };
  options.insert(options.end(), own.begin(), own.end());
  return options;
}

/// Whether the only word is a data set, by its kind or by what lies in it; else it is images.
bool is_source(const PredictAsked& asked) {
  return data::names_kind(asked.images.front()) ||
         (asked.images.size() == 1 && data::is_data_set(asked.images.front()));
}

void check_asked(const PredictAsked& asked, const Flags& flags) {
  if (asked.images.empty()) {
    fail_usage("predict: give images, folders, '-' for standard input, or a source such as idx:PATH");
  }
  const bool source = is_source(asked);
  if (source && asked.images.size() > 1) fail_usage("predict: a source ({}) stands alone", asked.images.front());
  for (const char* key : {"split", "val_share"}) {
    if (!source && is_given(flags, key)) {
      fail_usage("{}: has no effect on files and folders; give a source such as folder:PATH", flag_name(key));
    }
  }
}

/// Folders of images are classes only if all are outputs of the network; those of a data set are classes anyhow.
std::vector<std::string> truths(const data::Source& images, bool source, const model::Network& network,
                                const std::string& classes_file) {
  std::vector<std::string> names = source ? images.classes() : std::vector<std::string>(images.classes().size());
  try {
    const model::OutputMatch match =
        model::match_outputs(images, {network.card.classes, network.names_assumed, classes_file});
    for (std::size_t i = 0; match.by != "order" && i < names.size(); ++i) {
      if (match.outputs[i] >= 0) names[i] = network.card.classes[static_cast<std::size_t>(match.outputs[i])];
    }
  } catch (const Error&) {  // other classes than the network's
    return names;
  }
  return names;
}

PredictInput open(PredictAsked& asked, const model::Network& network) {
  const bool source = is_source(asked);
  PredictInput input;
  if (source) {
    input.images = open_for(network.card, asked.images.front(), asked.split, asked.val_share);
    if (!data::names_kind(asked.images.front())) {
      const std::string told = format("{}: is a data set, of which --split {} is predicted: {}", asked.images.front(),
                                      asked.split, input.images->description());
      std::fprintf(stderr, "%s\n", one_line(told).c_str());
    }
    print_warnings(*input.images);
  } else {
    input.images = open_images(asked.images);
  }
  input.truths = truths(*input.images, source, network, asked.compute.classes);
  input.images =
      data::limited(data::with_damaged(std::move(input.images), asked.damaged_jpeg, asked.damaged), asked.limit);
  return input;
}

void print(const metrics::Ranked& prediction) {
  const std::string truth = prediction.truth.empty() ? "" : format(" (is {})", shortened(prediction.truth));
  std::printf("%s%s\n", one_line(prediction.image).c_str(), truth.c_str());
  for (const metrics::Guess& guess : prediction.guesses) {
    std::printf("  %6.3f  %s\n", guess.probability, shortened(guess.name).c_str());
  }
}

/// The predictions of one batch, in order.
std::vector<metrics::Ranked> predictions_of(const data::Batch& batch, const tasks::Best& best,
                                            const PredictInput& input, const std::vector<std::string>& classes) {
  std::vector<metrics::Ranked> predictions;
  for (std::int64_t i = 0; i < best.rows; ++i) {
    const auto at = static_cast<std::size_t>(i);
    metrics::Ranked ranked{
        .image = input.images->name(batch.indices[at]), .truth = {}, .guesses = tasks::guesses_of(best, i, classes)};
    if (!batch.targets.empty() && batch.targets[at] >= 0)
      ranked.truth = input.truths[static_cast<std::size_t>(batch.targets[at])];
    predictions.push_back(std::move(ranked));
  }
  return predictions;
}

class ClassPredictor final : public Predictor {
 public:
  explicit ClassPredictor(const PredictSeen& seen) : seen_(seen) {}

  void add(data::Batch& batch, const at::Tensor& logits) override {
    const tasks::Best best = tasks::best_classes(logits, seen_.asked.topk);
    model::expect_finite(best, batch, *seen_.input.images);
    for (const metrics::Ranked& prediction : predictions_of(batch, best, seen_.input, seen_.network.card.classes)) {
      if (seen_.asked.json) {
        list_.push_back(seen_.to_json(prediction));
      } else {
        print(prediction);
      }
    }
  }

 private:
  const PredictSeen& seen_;
};

constexpr std::array kTaskFlags{TaskFlag{"topk", true, false, false}, TaskFlag{"threshold", false, true, false},
                                TaskFlag{"out", false, false, true}, TaskFlag{"batch_size", true, true, false},
                                TaskFlag{"workers", true, true, false}};

void check_task(const model::Card& card, const PredictAsked& asked, const Flags& flags) {
  check_task_flags(card.task, flags, kTaskFlags);
  check_pixel_views(asked.compute, flags, card);
  if (is_given(flags, "protocol")) {
    fail_usage("--protocol: has no effect on predict, whose masks have their image's own size; it is for eval");
  }
}

void predict_batches(const PredictSeen& seen, Predictor& predictor) {
  const ComputeOptions& compute = seen.asked.compute;
  data::Loader loader(*seen.input.images, data::Transform(seen.network.card.preprocess),
                      {.batch = compute.batch_size, .workers = static_cast<int>(compute.workers)});
  while (std::optional<data::Batch> batch = loader.next()) {
    predictor.add(*batch,
                  model::scores(*seen.network.executor, seen.network.state, *batch, compute.precision, compute.views));
  }
}

int run(PredictAsked& asked, const Flags& flags) {
  apply_flags(flags, option_table(asked));
  check_asked(asked, flags);
  check_views(asked.compute, flags);
  use_threads(asked.compute);
  const auto network = open_network(asked.compute);
  const PredictInput input = open(asked, *network);
  settle_task(*network, is_source(asked) ? input.images.get() : nullptr, asked.compute.weights);
  check_task(network->card, asked, flags);
  const PredictSeen seen{asked, *network, input};
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  if (std::holds_alternative<metrics::Segment>(network->card.task)) {
    list = predict_pixels(seen);
  } else {
    const bool labels = std::holds_alternative<metrics::MultiLabel>(network->card.task);
    const std::unique_ptr<Predictor> predictor =
        labels ? label_predictor(seen) : std::make_unique<ClassPredictor>(seen);
    predict_batches(seen, *predictor);
    list = predictor->list();
  }
  if (asked.json) std::printf("%s\n", json_text(list, 1).c_str());
  if (asked.damaged.count() > 0) std::fprintf(stderr, "springbok: note: %s\n", asked.damaged.text().c_str());
  return 0;
}

}  // namespace

nlohmann::ordered_json PredictSeen::to_json(const metrics::Prediction& prediction) const {
  nlohmann::ordered_json json = metrics::to_json(prediction);
  if (asked.damaged.has(std::visit([](const auto& one) { return one.image; }, prediction))) json["damaged"] = true;
  json["preprocess"] = {{"digest", data::digest(network.card.preprocess)}, {"from", network.card.preprocess_from}};
  return json;
}

Command predict_command() {
  const auto asked = std::make_shared<PredictAsked>();
  Command command{.name = "predict", .help = "Name what images show", .options = option_table(*asked)};
  command.words = {.name = "IMAGE",
                   .help = "image files, folders, '-' for standard input, or one data set (PATH, KIND:PATH)",
                   .many = true};
  command.run = [asked](const Flags& flags, const std::vector<std::string>& words) {
    asked->images = words;
    return run(*asked, flags);
  };
  return command;
}

}  // namespace springbok::cli
