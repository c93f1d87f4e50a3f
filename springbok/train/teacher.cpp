// Opening a teacher and asking it.
#include "springbok/train/teacher.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/add.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/tensor.h>

#include <filesystem>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/engine/device.h"
#include "springbok/engine/place.h"
#include "springbok/model/output_match.h"
#include "springbok/weights/hub/hub.h"

namespace springbok::train {
namespace {

/// A file as it is; else the published weights of that name, from the cache or the net.
std::filesystem::path weights_file(const std::string& teacher) {
  if (std::filesystem::exists(teacher)) return teacher;
  for (const weights::Published& each : weights::published_weights()) {
    if (each.name == teacher) return weights::get(each);
  }
  fail_usage("--teacher: '{}' is no file and no name of published weights ('springbok weights list')", teacher);
}

at::Tensor per_channel(const std::vector<double>& values) {
  return at::tensor(values, at::kFloat).reshape({1, -1, 1, 1});
}

/// The teacher's output for each of the network's.
std::vector<std::int64_t> outputs_for(const recipe::Recipe& recipe, const data::Source& training,
                                      const model::Network& teacher, std::vector<std::string>& notes) {
  const model::Outputs outputs{teacher.card.classes, teacher.names_assumed, ""};
  const model::OutputMatch match = model::match_outputs(training, outputs);
  notes.insert(notes.end(), match.warnings.begin(), match.warnings.end());
  const std::vector<std::string> names = output_names(recipe, training.classes());
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i < match.outputs.size() && match.outputs[i] >= 0) continue;
    fail("--teacher {}: has no output for the class '{}'; take a teacher of the same classes", recipe.loss.teacher,
         names[i]);
  }
  return match.outputs;
}

/// The file that had that digest when a step was dumped.
std::filesystem::path same_file(const std::string& teacher, const std::string& sha256, const std::string& where) {
  std::filesystem::path file;
  try {
    file = weights_file(teacher);
  } catch (const UsageError&) {
    fail("{}: its teacher {} is no file here; repeat the step in the folder where the run was trained", where, teacher);
  }
  if (sha256_file(file) == sha256) return file;
  fail("{}: its teacher {} is another file now (SHA-256 differs); put the old one there to repeat the step", where,
       teacher);
}

}  // namespace

Teacher::Teacher(const recipe::Recipe& recipe, const std::filesystem::path& file)
    : digest_(sha256_file(file)), network_(model::open_network(file)), precision_(recipe.precision) {
  engine::put(network_->state, engine::parse_device(recipe.device, "--device"));
  const model::Card& card = network_->card;
  notes_.push_back(format("teacher: {} ({} outputs) from {}", card.model, card.classes.size(), recipe.loss.teacher));
  if (!network_->report.empty()) notes_.push_back("teacher: " + network_->report);
  if (!std::holds_alternative<metrics::Classify>(card.task)) {
    fail("--teacher {}: is trained for the task {}; a teacher tells one class an image", recipe.loss.teacher,
         metrics::name_of(card.task));
  }
  if (card.preprocess.channels != recipe.preprocess.channels) {
    fail("--teacher {}: takes images of {} channels, the network {}", recipe.loss.teacher, card.preprocess.channels,
         recipe.preprocess.channels);
  }
}

Teacher::Teacher(const recipe::Recipe& recipe, const data::Source& training)
    : Teacher(recipe, weights_file(recipe.loss.teacher)) {
  see(recipe, outputs_for(recipe, training, *network_, notes_));
}

Teacher::Teacher(const recipe::Recipe& recipe, const std::vector<std::int64_t>& outputs, const std::string& sha256,
                 const std::string& where)
    : Teacher(recipe, same_file(recipe.loss.teacher, sha256, where)) {
  see(recipe, outputs);
}

/// As the network's images come, and in the order of its outputs.
void Teacher::see(const recipe::Recipe& recipe, const std::vector<std::int64_t>& outputs) {
  outputs_ = at::tensor(outputs, at::kLong);
  const data::Preprocess &theirs = network_->card.preprocess, &ours = recipe.preprocess;
  if (theirs.mean == ours.mean && theirs.std == ours.std) return;
  std::vector<double> scale, offset;
  for (std::size_t c = 0; c < theirs.std.size(); ++c) {
    scale.push_back(ours.std[c] / theirs.std[c]);
    offset.push_back((ours.mean[c] - theirs.mean[c]) / theirs.std[c]);
  }
  scale_ = per_channel(scale);
  offset_ = per_channel(offset);
}

void Teacher::describe(tensors::Dict& given) const {
  tensors::List outputs;
  for (std::int64_t i = 0; i < outputs_.numel(); ++i) outputs.push_back({outputs_[i].item<std::int64_t>()});
  given.push_back({"teacher_sha256", {digest_}});
  given.push_back({"teacher_outputs", {std::move(outputs)}});
}

at::Tensor Teacher::operator()(const at::Tensor& input) const {
  const at::NoGradGuard no_grad;
  at::Tensor seen = engine::upload(input, engine::device_of(network_->state));
  if (scale_.defined()) seen = at::add(at::mul(seen, scale_.to(seen.options())), offset_.to(seen.options()));
  const at::Tensor logits = network_->executor->forward(network_->state, seen, {.precision = precision_});
  return logits.index_select(1, outputs_.to(logits.device()));
}

}  // namespace springbok::train
