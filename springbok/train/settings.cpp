// From a recipe to the settings of a training's parts.
#include "springbok/train/settings.h"

#include "springbok/train/criterion.h"
#include "springbok/train/optim/rules.h"
#include "springbok/train/optim/sgd.h"

namespace springbok::train {

namespace {

/// How the share that is dropped moves: 1 where nothing is said.
recipe::Curve ramp(double from, double to, std::int64_t steps) {
  return from < 0 || to <= 0 ? recipe::constant(1) : recipe::linear(from / to, 1, steps);
}

std::function<engine::Ramps(std::int64_t)> ramps_of(const recipe::Recipe& recipe, const recipe::Pace& pace) {
  if (!recipe.drop_from.any()) return nullptr;
  const std::int64_t steps = pace.steps_per_epoch * recipe.epochs;
  return [dropout = ramp(recipe.drop_from.dropout, recipe.options.dropout, steps),
          path = ramp(recipe.drop_from.drop_path, recipe.options.drop_path, steps),
          block = ramp(recipe.drop_from.drop_block, recipe.options.drop_block, steps)](std::int64_t step) {
    return engine::Ramps{.dropout = dropout(step), .drop_path = path(step), .drop_block = block(step)};
  };
}

}  // namespace

StepperSettings stepper_settings(const recipe::Recipe& recipe, const recipe::Pace& pace,
                                 const std::vector<double>& class_weights) {
  return {.rate = recipe::curve_of(schedule_of(recipe, pace.steps_per_epoch)),
          .ramps = ramps_of(recipe, pace),
          .loss = loss_for(recipe.loss, recipe.label_smoothing, class_weights),
          .distillation = {.alpha = recipe.loss.distil_alpha,
                           .options = {.temperature = recipe.loss.distil_temperature,
                                       .toolbox = recipe.loss.distil_form == recipe::DistilForm::toolbox}},
          .seed = static_cast<std::uint64_t>(recipe.seed),
          .precision = recipe.precision};
}

std::optional<LossScaler> scaler_for(const recipe::Recipe& recipe) {
  if (recipe::kind_of(recipe.loss_scale, recipe.precision) == recipe::LossScaleKind::none) return std::nullopt;
  return LossScaler(recipe::scaler_settings(recipe.loss_scale, recipe.precision));
}

std::unique_ptr<Optimizer> optimizer_for(const recipe::Recipe& recipe, Learner& learner) {
  constexpr std::int64_t kConvolution = 4, kAnyMatrix = 2;
  const recipe::OptimizerSettings settings = recipe::with_defaults(recipe.optimizer);
  std::vector<GradientStep> steps;
  if (recipe.clip_norm > 0) steps.push_back(clip_norm(recipe.clip_norm));
  if (settings.centralise == recipe::Centralise::conv) steps.push_back(centralise(kConvolution));
  if (settings.centralise == recipe::Centralise::all) steps.push_back(centralise(kAnyMatrix));
  if (settings.kind == recipe::OptimizerKind::sgd) {
    return std::make_unique<Sgd>(learner.graph, learner.state, settings, std::move(steps));
  }
  return make_optimizer(decay_groups(learner.graph, learner.state, settings.weight_decay, settings.norm_decay),
                        std::move(steps), settings);
}

model::Card card_for(const recipe::Recipe& recipe, const std::vector<std::string>& classes) {
  return {.model = recipe.model,
          .options = recipe.options,
          .classes = output_names(recipe, classes),
          .preprocess = recipe.preprocess,
          .preprocess_from = {},
          .score = {},
          .task = metrics::Classify{},
          .recipe_digest = digest(recipe),
          .val_share = recipe.val_share};
}

}  // namespace springbok::train
