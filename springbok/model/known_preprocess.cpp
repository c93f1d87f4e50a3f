// Looking for who published weights: metadata, names, a configuration beside the file, the hash.
#include "springbok/model/known_preprocess.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "springbok/base/choice.h"
#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/json.h"
#include "springbok/data/labels/coco_classes.h"
#include "springbok/model/timm_config.h"
#include "springbok/recipe/recipe.h"
#include "springbok/zoo/published_file.h"

namespace springbok::model {
namespace {

namespace fs = std::filesystem;

/// What is asked for: the weights, and the network that they were found to be.
struct Question {
  const tensors::File& file;
  const std::string& model;
  const zoo::ModelOptions& options;
};

using Answer = std::optional<KnownPreprocess>;

/// One value is that of all channels; RGB's are not those of other networks, which get the usual ones.
std::vector<double> for_channels(const std::vector<double>& values, std::int64_t channels,
                                 std::vector<double> (*usual)(std::int64_t)) {
  if (std::ssize(values) == channels) return values;
  if (values.size() == 1) return std::vector<double>(static_cast<std::size_t>(channels), values.front());
  return usual(channels);
}

data::Preprocess preprocess_of(const zoo::PublishedInput& input, const Question& question) {
  const std::int64_t channels = question.options.channels;
  data::Preprocess preprocess;
  preprocess.size = input.size > 0 ? input.size : static_cast<int>(zoo::find_model(question.model).input);
  preprocess.channels = static_cast<int>(channels);
  preprocess.interpolation = image::filter_from_name(input.interpolation);
  preprocess.crop_ratio = input.crop_ratio;
  preprocess.mean = for_channels(input.mean, channels, recipe::default_mean);
  preprocess.std = for_channels(input.std, channels, recipe::default_std);
  return preprocess;
}

Answer published_as(const zoo::PublishedFile& row, const Question& question) {
  return KnownPreprocess{.preprocess = preprocess_of(row.input, question), .from = "published: " + row.from};
}

/// The name as given, and that of the file which links lead to.
std::vector<std::string> names_of(const tensors::File& file) {
  std::error_code none;
  const fs::path path(file.name);
  return {path.filename().string(), fs::weakly_canonical(path, none).filename().string()};
}

Answer by_name(const Question& question, bool with_hash) {
  for (const std::string& name : names_of(question.file)) {
    const zoo::PublishedFile* row = zoo::published_file(name);
    if (row == nullptr || row->model != question.model || row->hash.empty() == with_hash) continue;
    return published_as(*row, question);
  }
  return std::nullopt;
}

/// `coco_resnext50_elastic.pth.tar`, `coco_resnext50_elastic_checkpoint.pth.tar`: Elastic's weights for MS-COCO, under
/// the names of those for ImageNet. Their images are squashed (allenai/elastic, multilabel_classify.py).
Answer by_name_for_labels(const Question& question) {
  constexpr std::string_view kBefore = "coco_", kOfARun = "_checkpoint.", kPublisher = "elastic ";
  if (question.options.classes != std::ssize(data::coco_classes())) return std::nullopt;
  for (std::string name : names_of(question.file)) {
    if (!name.starts_with(kBefore)) continue;
    if (const std::size_t at = name.find(kOfARun); at != std::string::npos) name.erase(at, kOfARun.size() - 1);
    const zoo::PublishedFile* row = zoo::published_file(name.substr(kBefore.size()));
    if (row == nullptr || row->model != question.model || !row->from.starts_with(kPublisher)) continue;
    KnownPreprocess known{.preprocess = preprocess_of(row->input, question),
                          .from = format("published: {}{}{}", kPublisher, kBefore, row->name),
                          .classes = data::coco_classes(),
                          .labels = true};
    known.preprocess.fit = data::Fit::squash;
    return known;
  }
  return std::nullopt;
}

/// `resnet50.a1_in1k/model.safetensors`, also in the cache of timm's hub: `models--timm--NAME/snapshots/HASH/FILE`.
Answer by_folder(const Question& question) {
  constexpr int kUp = 3;
  fs::path folder = fs::absolute(question.file.name).parent_path();
  for (int i = 0; i < kUp && folder.has_relative_path(); ++i, folder = folder.parent_path()) {
    const std::string name = folder.filename().string();
    const std::size_t dashes = name.rfind("--");
    const zoo::PublishedFile* row = zoo::published_file(dashes == std::string::npos ? name : name.substr(dashes + 2));
    const bool plain = row != nullptr && row->hash.empty() && row->name.find('.') != std::string::npos;
    if (plain && row->model == question.model) return published_as(*row, question);
  }
  return std::nullopt;
}

Answer by_hash(const Question& question) {
  std::string hash;
  for (const zoo::PublishedFile* row : zoo::published_files_of_size(question.file.mapped.size())) {
    if (row->model != question.model || row->hash.empty()) continue;
    if (hash.empty()) hash = sha256(question.file.mapped);
    if (hash.starts_with(row->hash)) return published_as(*row, question);
  }
  return std::nullopt;
}

/// The network that timm's architecture is here, where the table has weights of it.
std::string model_of(const std::string& architecture) {
  for (const zoo::PublishedFile& row : zoo::published_files()) {
    if (row.from.starts_with("timm " + architecture + ".")) return row.model;
  }
  return "";
}

/// `place` says in short what `where` names in messages.
Answer by_config(const nlohmann::json& object, const char* place, const std::string& where, const Question& question) {
  const TimmConfig config = timm_config(object, where);
  const std::string model = model_of(config.architecture);
  if (!model.empty() && model != question.model) return std::nullopt;
  if (config.classes > 0 && config.classes != question.options.classes) return std::nullopt;
  if (!find_choice<image::Filter>(config.input.interpolation, image::filter_names())) {
    fail_usage("{}: unknown filter '{}'; known are {}", where, config.input.interpolation, join(image::filter_names()));
  }
  KnownPreprocess known{.preprocess = preprocess_of(config.input, question),
                        .from = format("{} (timm {})", place, config.name)};
  if (!config.other.empty()) known.from += format(", its test size; {} is its training size", config.other);
  if (!config.unsupported.empty()) {
    known.from += format(", but for its {}, which is not done here: center is", config.unsupported);
    known.assumed = true;
  }
  if (std::ssize(config.labels) == question.options.classes) known.classes = config.labels;
  data::validate(known.preprocess, where);
  return known;
}

/// Null where the text is no JSON.
nlohmann::json object_in(const std::string& text) {
  const nlohmann::ordered_json json = parse_json(text);
  return json.is_discarded() ? nlohmann::json() : nlohmann::json(json);
}

Answer by_metadata(const Question& question) {
  for (const char* key : {"pretrained_cfg", "config"}) {
    const auto at = question.file.metadata.find(key);
    if (at == question.file.metadata.end()) continue;
    const auto object = nlohmann::json::parse(at->second, nullptr, false);
    if (is_timm_config(object))
      return by_config(object, "metadata", format("{}: metadata", question.file.name), question);
  }
  return std::nullopt;
}

Answer by_file_beside(const Question& question) {
  constexpr std::uintmax_t kMost = 16 << 20;
  const fs::path path = fs::path(question.file.name).parent_path() / "config.json";
  std::error_code none;
  if (!fs::is_regular_file(path, none) || fs::file_size(path, none) > kMost) return std::nullopt;
  const nlohmann::json object = object_in(read_text(path));
  if (!is_timm_config(object)) return std::nullopt;
  return by_config(object, "config.json", path.string(), question);
}

}  // namespace

KnownPreprocess known_preprocess(const tensors::File& file, const std::string& model,
                                 const zoo::ModelOptions& options) {
  const Question question{.file = file, .model = model, .options = options};
  if (const Answer answer = by_metadata(question)) return *answer;
  if (const Answer answer = by_name(question, true)) return *answer;
  if (const Answer answer = by_name_for_labels(question)) return *answer;
  if (const Answer answer = by_file_beside(question)) return *answer;
  if (const Answer answer = by_name(question, false)) return *answer;
  if (const Answer answer = by_folder(question)) return *answer;
  if (const Answer answer = by_hash(question)) return *answer;
  return {.preprocess = preprocess_of(zoo::published_input(model), question), .from = "assumed", .assumed = true};
}

}  // namespace springbok::model
