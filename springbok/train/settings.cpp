// From a recipe to the settings of a training's parts.
#include "springbok/train/settings.h"

#include "springbok/recipe/elastic_accumulation.h"
#include "springbok/train/criterion.h"
#include "springbok/train/made_network.h"
#include "springbok/train/optim/rules.h"

namespace springbok::train {
namespace {

/// With a step's gradient N times as large.
recipe::ElasticAccumulation accumulation_of(const recipe::Recipe& recipe) {
  const std::int64_t batches = batches_a_step(recipe);
  return recipe::elastic_accumulation(batches, 1, recipe.batch_size * batches);
}

recipe::Curve rate_of(const recipe::Recipe& recipe, const recipe::Pace& pace) {
  const recipe::AverageSettings& a = recipe.averages;
  recipe::Curve rate = recipe::curve_of(schedule_of(recipe, pace.steps_per_epoch));
  if (pace.summed) {
    rate = [rate = std::move(rate), factor = accumulation_of(recipe).lr_factor](std::int64_t step) {
      return factor * rate(step);
    };
  }
  if (a.swa_start == 0 || a.swa_lr == 0) return rate;
  return recipe::annealing_to(a.swa_lr, std::move(rate), a.swa_start, a.swa_anneal_epochs, pace.steps_per_epoch);
}

recipe::Curve momentum_of(const recipe::Recipe& recipe, const recipe::Pace& pace) {
  const recipe::Schedule schedule = schedule_of(recipe, pace.steps_per_epoch);
  if (!momentum_at(schedule, 0)) return nullptr;
  return [schedule](std::int64_t step) { return *momentum_at(schedule, step); };
}

/// Asked only where something depends on it: a program's own network has no head that is known.
std::vector<std::string> head_for(const recipe::Recipe& recipe, const graph::Graph& graph) {
  const recipe::GroupSettings& g = recipe.groups;
  if (g.last_mult == 1 && g.layer_decay == 1 && recipe.clip.agc == 0) return {};
  return head_of(recipe, graph);
}

Grouping grouping_of(const recipe::Recipe& recipe, const std::vector<std::string>& head) {
  const recipe::OptimizerSettings& o = recipe.optimizer;
  Grouping grouping{.weight_decay = o.weight_decay,
                    .norm_decay = o.norm_decay,
                    .head = head,
                    .last_mult = recipe.groups.last_mult,
                    .layer_decay = recipe.groups.layer_decay,
                    .muon = o.kind == recipe::OptimizerKind::muon,
                    .muon_linear = o.muon.linear};
  if (recipe.accumulate_form == recipe::AccumulateForm::elastic) {
    grouping.weight_decay *= accumulation_of(recipe).decay_factor;
  }
  if (o.muon.rest_lr > 0) grouping.rest_scale = o.muon.rest_lr / recipe.rate.lr;
  return grouping;
}

/// Clipping first, as torch.optim's users write it; then centralisation, which belongs to the rule.
std::vector<GradientStep> steps_of(const recipe::Recipe& recipe, const std::vector<std::string>& head) {
  constexpr std::int64_t kConvolution = 4, kAnyMatrix = 2;
  std::vector<GradientStep> steps;
  if (recipe.clip_norm > 0) steps.push_back(clip_norm(recipe.clip_norm));
  if (recipe.clip.value > 0) steps.push_back(clip_value(recipe.clip.value));
  if (recipe.clip.agc > 0) steps.push_back(clip_adaptively(recipe.clip.agc, head));
  switch (recipe.optimizer.centralise) {
    case recipe::Centralise::none:
      break;
    case recipe::Centralise::conv:
      steps.push_back(centralise(kConvolution));
      break;
    case recipe::Centralise::all:
      steps.push_back(centralise(kAnyMatrix));
      break;
    case recipe::Centralise::toolbox:
      steps.push_back(centralise_decayed(kConvolution));
      break;
  }
  return steps;
}

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
                                 const std::vector<double>& class_weights, engine::Group& ranks) {
  return {.rate = rate_of(recipe, pace),
          .momentum = momentum_of(recipe, pace),
          .ramps = ramps_of(recipe, pace),
          .loss = loss_for(recipe.loss, recipe.label_smoothing, class_weights, ranks),
          .aux_weight = recipe.loss.aux_weight,
          .distillation = {.alpha = recipe.loss.distil_alpha,
                           .options = {.temperature = recipe.loss.distil_temperature,
                                       .toolbox = recipe.loss.distil_form == recipe::DistilForm::toolbox}},
          .seed = static_cast<std::uint64_t>(recipe.seed),
          .precision = recipe.precision,
          .group = &ranks,
          .bn_stats = recipe.ranks.bn_stats,
          .compress = recipe.ranks.compress,
          .recompute = recipe.recompute,
          .graphs = recipe.cuda_graphs,
          .sharpness = recipe.sharpness};
}

std::optional<LossScaler> scaler_for(const recipe::Recipe& recipe) {
  if (recipe::kind_of(recipe.loss_scale, recipe.precision) == recipe::LossScaleKind::none) return std::nullopt;
  return LossScaler(recipe::scaler_settings(recipe.loss_scale, recipe.precision));
}

std::unique_ptr<Optimizer> optimizer_for(const recipe::Recipe& recipe, Learner& learner) {
  const recipe::OptimizerSettings settings = recipe::with_defaults(recipe.optimizer);
  const std::vector<std::string> head = head_for(recipe, learner.graph);
  std::unique_ptr<Optimizer> optimizer = make_optimizer(
      make_groups(learner.graph, learner.state, grouping_of(recipe, head)), steps_of(recipe, head), settings);
  if (settings.lookahead.k > 0) optimizer->look_ahead(settings.lookahead);
  return optimizer;
}

std::unique_ptr<Average> average_for(const recipe::Recipe& recipe, const Learner& learner) {
  const recipe::AverageSettings& a = recipe.averages;
  AverageRule rule{.decay = recipe.ema_decay, .warmup = a.ema_warmup, .every = a.ema_every};
  if (a.swa_start > 0) rule = {.equal = true, .from_epoch = a.swa_start};
  if (rule.decay == 0 && !rule.equal) return nullptr;
  return std::make_unique<Average>(learner.graph, learner.state, rule);
}

metrics::Task task_of(const recipe::Recipe& recipe) {
  if (recipe.task == recipe::TaskChoice::multilabel) return metrics::MultiLabel{};
  if (recipe.task == recipe::TaskChoice::segment) return metrics::Segment{};
  return metrics::Classify{};
}

Objective objective_of(const recipe::Recipe& recipe) {
  return {.task = task_of(recipe), .labels = label_loss_for(recipe.loss)};
}

model::Card card_for(const recipe::Recipe& recipe, const std::vector<std::string>& classes) {
  return {.model = recipe.model,
          .options = recipe.options,
          .classes = output_names(recipe, classes),
          .preprocess = recipe.preprocess,
          .preprocess_from = {},
          .score = {},
          .task = task_of(recipe),
          .recipe_digest = digest(recipe),
          .val_share = recipe.val_share};
}

}  // namespace springbok::train
