// `springbok predict`: the best classes of images.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/base/json.h"
#include "springbok/base/quote.h"
#include "springbok/cli/command.h"
#include "springbok/cli/compute.h"
#include "springbok/cli/image_list.h"
#include "springbok/data/load/loader.h"
#include "springbok/data/source/damaged.h"
#include "springbok/metrics/prediction.h"
#include "springbok/model/evaluate.h"
#include "springbok/model/input.h"
#include "springbok/model/output_match.h"
#include "springbok/tasks/classify.h"

namespace springbok::cli {
namespace {

struct Asked {
  ComputeOptions compute{.workers = 0};
  std::vector<std::string> images;
  std::string split = "val";
  data::DamagedJpeg damaged_jpeg = data::DamagedJpeg::refuse;
  data::Damaged damaged;
  std::int64_t topk = 5, limit = 0;
  double val_share = 0;
  bool json = false;
};

Options option_table(Asked& asked) {
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
      {.key = "json", .help = "print a JSON list, one object an image", .field = &asked.json, .group = "Output"},
  };
  options.insert(options.end(), own.begin(), own.end());
  return options;
}

/// Whether the only word is a data set, by its kind or by what lies in it; else it is images.
bool is_source(const Asked& asked) {
  return data::names_kind(asked.images.front()) ||
         (asked.images.size() == 1 && data::is_data_set(asked.images.front()));
}

void check_asked(const Asked& asked, const Flags& flags) {
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

/// What is to be predicted, and for each of its classes what the truth is called; "" where that is not known.
struct Input {
  std::unique_ptr<data::Source> images;
  std::vector<std::string> truths;
};

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

Input open(Asked& asked, const model::Network& network) {
  const bool source = is_source(asked);
  Input input;
  if (source) {
    input.images = open_for(network.card, asked.images.front(), asked.split, asked.val_share);
    if (!data::names_kind(asked.images.front())) {
      const std::string told = format("{}: is a data set, of which --split {} is predicted: {}", asked.images.front(),
                                      asked.split, input.images->description());
      std::fprintf(stderr, "%s\n", one_line(told).c_str());
    }
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
std::vector<metrics::Ranked> predictions_of(const data::Batch& batch, const tasks::Best& best, const Input& input,
                                            const std::vector<std::string>& classes) {
  std::vector<metrics::Ranked> predictions;
  for (std::int64_t i = 0; i < best.rows; ++i) {
    const auto at = static_cast<std::size_t>(i);
    metrics::Ranked ranked{
        .image = input.images->name(batch.indices[at]), .truth = {}, .guesses = tasks::guesses_of(best, i, classes)};
    if (batch.targets[at] >= 0) ranked.truth = input.truths[static_cast<std::size_t>(batch.targets[at])];
    predictions.push_back(std::move(ranked));
  }
  return predictions;
}

int run(Asked& asked, const Flags& flags) {
  apply_flags(flags, option_table(asked));
  check_asked(asked, flags);
  check_views(asked.compute, flags);
  use_threads(asked.compute);
  const auto network = open_network(asked.compute);
  const Input input = open(asked, *network);
  data::Loader loader(*input.images, data::Transform(network->card.preprocess),
                      {.batch = asked.compute.batch_size, .workers = static_cast<int>(asked.compute.workers)});
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  const nlohmann::ordered_json preprocess{{"digest", data::digest(network->card.preprocess)},
                                          {"from", network->card.preprocess_from}};
  while (std::optional<data::Batch> batch = loader.next()) {
    const at::Tensor logits =
        model::scores(*network->executor, network->state, *batch, asked.compute.precision, asked.compute.views);
    const tasks::Best best = tasks::best_classes(logits, asked.topk);
    model::expect_finite(best, *batch, *input.images);
    for (const metrics::Ranked& prediction : predictions_of(*batch, best, input, network->card.classes)) {
      if (asked.json) {
        list.push_back(metrics::to_json(prediction));
        if (asked.damaged.has(prediction.image)) list.back()["damaged"] = true;
        list.back()["preprocess"] = preprocess;
      } else {
        print(prediction);
      }
    }
  }
  if (asked.json) std::printf("%s\n", json_text(list, 1).c_str());
  if (asked.damaged.count() > 0) std::fprintf(stderr, "springbok: note: %s\n", asked.damaged.text().c_str());
  return 0;
}

}  // namespace

Command predict_command() {
  const auto asked = std::make_shared<Asked>();
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
