// Tasks: from the data's labels to what a recipe may say.
#include "springbok/recipe/task.h"

#include <algorithm>
#include <limits>

#include "springbok/base/choice.h"
#include "springbok/base/error.h"

namespace springbok::recipe {
namespace {

using Task = TaskChoice;

constexpr double kAny = std::numeric_limits<double>::infinity();

/// Whether the task is one of these, or still open.
template <Task... tasks>
bool may_be(const Recipe& r) {
  return r.task == Task::automatic || ((r.task == tasks) || ...);
}

constexpr bool (*kClasses)(const Recipe&) = may_be<Task::classify>;
constexpr bool (*kLabels)(const Recipe&) = may_be<Task::multilabel>;
constexpr bool (*kPixels)(const Recipe&) = may_be<Task::segment>;
constexpr bool (*kImages)(const Recipe&) = may_be<Task::classify, Task::multilabel>;  // scored as a whole

constexpr const char *kNeedsClasses = "task = classify", *kNeedsLabels = "task = multilabel",
                     *kNeedsPixels = "task = segment", *kNeedsImages = "task = classify or multilabel";

constexpr UsedWhen kRules[] = {
    {"label_smoothing", kClasses, kNeedsClasses},
    {"smoothing_form", kClasses, kNeedsClasses},
    {"class_weights", kClasses, kNeedsClasses},
    {"weighted_mean", kClasses, kNeedsClasses},
    {"bce_threshold", kClasses, kNeedsClasses},
    {"bce_sum", kClasses, kNeedsClasses},
    {"teacher", kClasses, kNeedsClasses},
    {"sampler", kClasses, kNeedsClasses},
    {"label_scale", kLabels, kNeedsLabels},
    {"joint_scale_min", kPixels, kNeedsPixels},
    {"joint_scale_max", kPixels, kNeedsPixels},
    {"joint_form", kPixels, kNeedsPixels},
    {"loss", kImages, kNeedsImages},
    {"fit", kImages, kNeedsImages},
    {"crop_ratio", kImages, kNeedsImages},
    {"interpolation", kImages, kNeedsImages},
    {"exif", kImages, kNeedsImages},
    {"crop", kImages, kNeedsImages},
    {"scale_min", kImages, kNeedsImages},
    {"scale_max", kImages, kNeedsImages},
    {"ratio_min", kImages, kNeedsImages},
    {"ratio_max", kImages, kNeedsImages},
    {"decode", kImages, kNeedsImages},
    {"rotation", kImages, kNeedsImages},
    {"auto_augment", kImages, kNeedsImages},
    {"cutout", kImages, kNeedsImages},
    {"random_erasing", kImages, kNeedsImages},
    {"toolbox_cutout", kImages, kNeedsImages},
    {"mixup", kImages, kNeedsImages},
    {"cutmix", kImages, kNeedsImages},
    {"progressive_size", kImages, kNeedsImages},
};

Task task_for(data::TargetKind kind) {
  switch (kind) {
    case data::TargetKind::classes:
      break;
    case data::TargetKind::labels:
      return Task::multilabel;
    case data::TargetKind::masks:
      return Task::segment;
  }
  return Task::classify;
}

const char* labelled_with(data::TargetKind kind) {
  switch (kind) {
    case data::TargetKind::classes:
      break;
    case data::TargetKind::labels:
      return "lists of labels";
    case data::TargetKind::masks:
      return "masks";
  }
  return "one class an image";
}

}  // namespace

const std::vector<std::string>& task_choices() {
  static const std::vector<std::string> names{"auto", "classify", "multilabel", "segment"};
  return names;
}

void check_network(const std::string& model, TaskChoice task) {
  const bool segments = zoo::find_model(model).task == zoo::Task::segment;
  if (segments && task != Task::automatic && task != Task::segment) {
    fail_usage("{}: scores every pixel, --task {} takes a network that scores images", model,
               name_of(task, task_choices()));
  }
  if (!segments && task == Task::segment) {
    fail_usage("{}: scores images, --task segment takes a network that scores every pixel ('springbok models list')",
               model);
  }
}

const std::vector<std::string>& init_forms() {
  static const std::vector<std::string> names{"fit", "elastic"};
  return names;
}

Options task_options(Recipe& r) {
  return {
      {"task", "what is told of an image: its class, any number of labels, or each pixel's class; auto: as the data",
       &r.task, -kAny, kAny, task_choices()},
      {"label_scale", "multilabel: factor of the loss; 80: as Elastic trains", &r.loss.label_scale, 1e-9, 1e9},
      {"joint_scale_min", "segment: smallest scale of an image and its mask before the crop, drawn log-uniformly",
       &r.joint.scale_min, 0.01, 100},
      {"joint_scale_max", "segment: largest scale", &r.joint.scale_max, 0.01, 100},
      {"joint_form",
       "segment: scaled bilinearly and padded below and on the right; or as Elastic: by Lanczos, padded on all sides",
       &r.joint.form, -kAny, kAny, data::joint_form_names()},
  };
}

std::span<const UsedWhen> task_rules() {
  return kRules;
}

void check_task(const Recipe& r, const Given& given, Network network) {
  if (network == Network::zoo) check_network(r.model, r.task);
  if (r.joint.scale_min > r.joint.scale_max) {
    fail_usage("--joint-scale-min: {} is above --joint-scale-max {}", r.joint.scale_min, r.joint.scale_max);
  }
  if (r.preprocess.fit == data::Fit::native && r.task != Task::segment && given.contains("fit")) {
    fail_usage("{}: native is for segmentation, which has no other; give crop or squash", given.at("fit"));
  }
  const bool one_class =
      r.loss.kind == LossKind::asymmetric_softmax || (r.loss.kind == LossKind::cross_entropy && given.contains("loss"));
  if (r.task == Task::multilabel && one_class) {
    fail_usage("--loss {}: is for one class an image; labels take bce, focal or asymmetric",
               loss_kinds()[static_cast<std::size_t>(r.loss.kind)]);
  }
}

void choose_task(Recipe& recipe, const data::Source& source) {
  const data::TargetKind kind = source.target_kind();
  const Task fits = task_for(kind);
  if (recipe.task != Task::automatic && recipe.task != fits) {
    fail_usage("--task {}: the data have {} ({}); leave it out, or give other data",
               name_of(recipe.task, task_choices()), labelled_with(kind), source.description());
  }
  recipe.task = fits;
}

void resolve_task(Recipe& recipe) {
  if (recipe.task == Task::multilabel && recipe.loss.kind == LossKind::cross_entropy) recipe.loss.kind = LossKind::bce;
  if (recipe.task == Task::segment) recipe.preprocess.fit = data::Fit::native;
}

}  // namespace springbok::recipe
