// The rows of optimisation's finer choices.
#include "springbok/recipe/learn_options.h"

#include <limits>

namespace springbok::recipe {
namespace {

constexpr double kAny = std::numeric_limits<double>::infinity();
constexpr double kMostCount = 1e9;

Options joined(std::initializer_list<Options> parts) {
  Options all;
  for (const Options& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Options optimizer_options(OptimizerSettings& o) {
  return {
      {"dampening", "sgd: share of the gradient that momentum leaves out, from the second step on", &o.dampening, 0, 1},
      {"lookahead_k", "Lookahead: steps between two meetings of slow and fast weights; 0: none", &o.lookahead.k, 0,
       kMostCount},
      {"lookahead_alpha", "Lookahead: share of the way that the slow weights go", &o.lookahead.alpha, 0, 1},
      {"lookahead_form",
       "Lookahead: slow weights start as the initial ones (paper); as those after step 1, met after steps 1, 1 + k, "
       "... "
       "(toolbox); or after step k (timm)",
       &o.lookahead.form, -kAny, kAny, lookahead_forms()},
      {"muon_steps", "muon: iterations of Newton and Schulz", &o.muon.steps, 1, 100},
      {"muon_scale", "muon: scale of a step for A x B: sqrt(max(1, A / B)) (original), 0.2 sqrt(max(A, B)), or none",
       &o.muon.scale, -kAny, kAny, muon_scales()},
      {"muon_linear", "muon: moves the weights of linear layers too, not only convolutions", &o.muon.linear},
      {"muon_unit_norm",
       "muon: scales a matrix to the norm sqrt(A) before each step, as the CIFAR-10 speed record has it",
       &o.muon.unit_norm},
      {"muon_rest", "muon: what moves the other parameters; sgd is Nesterov's", &o.muon.rest, -kAny, kAny,
       muon_rests()},
      {"muon_rest_lr", "muon: their learning rate after the warm-up; 0: lr", &o.muon.rest_lr, 0, kAny},
  };
}

Options step_options(Recipe& r) {
  return {
      {"accumulate_form",
       "accumulate: the step's mean gradient; or as Elastic's --num-gpus: the sum of the batches' means, with lr / "
       "accumulate and weight_decay x accumulate",
       &r.accumulate_form, -kAny, kAny, accumulate_forms()},
      {"clip_value", "largest value of a gradient's element; 0: no clipping", &r.clip.value, 0, kAny},
      {"agc",
       "adaptive gradient clipping: largest ratio of a unit's gradient to its weights, but for the classifier; 0: none",
       &r.clip.agc, 0, kAny},
      {"sam_rho", "sharpness-aware minimisation: how far up the loss each step looks, at twice the cost; 0: none",
       &r.sharpness.rho, 0, kAny},
      {"sam_adaptive", "sharpness-aware minimisation: in units of the weights (ASAM)", &r.sharpness.adaptive},
      {"last_mult", "the head's learning rate is so many times that of the rest", &r.groups.last_mult, 0, kAny},
      {"layer_decay", "a layer's learning rate is so many times that of the one behind it; 1: all alike",
       &r.groups.layer_decay, 0, 1},
      {"freeze", "parameters that do not learn: names of layers, with * for anything; backbone is all but the head",
       &r.groups.freeze},
      {"freeze_stats", "batch norms of frozen layers keep their statistics too", &r.groups.freeze_stats},
  };
}

Options average_options(AverageSettings& a) {
  return {
      {"ema_warmup", "ema_decay grows to its value, from 0, as 1 - step^(-2/3)", &a.ema_warmup},
      {"ema_every", "steps between two updates of the moving average", &a.ema_every, 1, kMostCount},
      {"swa_start",
       "stochastic weight averaging: epochs before those whose weights are averaged, evaluated and released; 0: none",
       &a.swa_start, 0, kMostCount},
      {"swa_lr", "learning rate of those epochs; 0: as the schedule says", &a.swa_lr, 0, kAny},
      {"swa_anneal_epochs", "epochs in which the rate goes to swa_lr", &a.swa_anneal_epochs, 0, kMostCount},
      {"recalibrate_bn",
       "training images from which batch norms' statistics are made anew before evaluation and release; 0: none, with "
       "SWA all",
       &a.recalibrate_bn, 0, kMostCount},
  };
}

Options rank_options(RankSettings& r) {
  return {
      {"bn_stats",
       "several ranks: batch norms' running statistics are the ranks' mean, rank 0's, or each rank's own (rank 0's are "
       "saved)",
       &r.bn_stats, -kAny, kAny, bn_stats_names()},
      {"eval",
       "several ranks: each evaluates its share of the images; or each all of them with its own statistics, as Elastic "
       "(rank 0's numbers count)",
       &r.eval, -kAny, kAny, eval_by_names()},
      {"compress", "several ranks: gradients are sent as they are, or rounded to 16 bits", &r.compress, -kAny, kAny,
       compress_names()},
  };
}

Options plateau_options(PlateauSettings& p) {
  return {
      {"plateau_factor", "plateau: what lr is multiplied with", &p.factor, 0, 1},
      {"plateau_patience", "plateau: epochs without a better goal that are borne", &p.patience, 0, kMostCount},
      {"plateau_threshold", "plateau: share by which the goal must be better", &p.threshold, 0, 1},
      {"plateau_cooldown", "plateau: epochs after a reduction that do not count", &p.cooldown, 0, kMostCount},
      {"plateau_least_lr", "plateau: lowest learning rate", &p.least_lr, 0, kAny},
  };
}

}  // namespace

const std::vector<std::string>& accumulate_forms() {
  static const std::vector<std::string> names{"mean", "elastic"};
  return names;
}

const std::vector<std::string>& bn_stats_names() {
  static const std::vector<std::string> names{"average", "broadcast", "local"};
  return names;
}

const std::vector<std::string>& eval_by_names() {
  static const std::vector<std::string> names{"shared", "each-rank"};
  return names;
}

const std::vector<std::string>& compress_names() {
  static const std::vector<std::string> names{"none", "fp16", "bf16"};
  return names;
}

const std::vector<std::string>& lr_scalings() {
  static const std::vector<std::string> names{"linear", "sqrt", "whole"};
  return names;
}

Options init_options(Recipe& r) {
  graph::InitScheme& s = r.init_scheme;
  return {
      {"init_scheme",
       "new values of convolutions and linear layers: the network's own (published), torch.nn's, torchvision's and "
       "Elastic's ResNets', ModelZoo's (KaimingInitializer), torch-toolbox's others",
       &s.rule, -kAny, kAny, graph::init_rules()},
      {"init_fan", "init_scheme modelzoo: connections that are counted", &s.fan, -kAny, kAny, graph::fan_names()},
      {"init_draw", "init_scheme modelzoo, xavier: distribution", &s.draw, -kAny, kAny, graph::draw_names()},
      {"init_slope", "init_scheme modelzoo, msra-prelu: slope of the activation below 0", &s.slope, 0, 1},
      {"init_std", "init_scheme trunc-normal: standard deviation before values beyond +-2 are drawn again", &s.std,
       1e-9, 1000},
  };
}

Options learn_options(Recipe& r) {
  return joined({optimizer_options(r.optimizer), step_options(r), average_options(r.averages), rank_options(r.ranks)});
}

Options curve_options(Recipe& r) {
  Schedule& s = r.rate;
  return joined(
      {{
           {"lr_scaling", "lr_per: by the batch's share of it, its root, or its whole part (ModelZoo's 0.1 for 32)",
            &r.lr_scaling, -kAny, kAny, lr_scalings()},
           {"warmup", "the warm-up rises on a line, or stays at warmup_lr", &s.warmup, -kAny, kAny, warmup_names()},
           {"warmup_prefix", "the curve starts after the warm-up; false: with the run, as timm has it",
            &s.warmup_prefix},
           {"rate_per", "the learning rate moves at each step, or each epoch", &s.per, -kAny, kAny, rate_per_names()},
           {"cycle_epochs", "cosine: length of the first cycle, then it restarts; 0: one cycle over the run",
            &s.cycles.epochs, 0, kMostCount},
           {"cycle_mul", "cosine: each cycle is so many times as long as the one before", &s.cycles.mul, 1, 1000},
           {"cycle_decay", "cosine: each cycle starts at so many times the rate of the one before", &s.cycles.decay, 0,
            1},
           {"cycle_limit", "cosine: cycles before the rate stays at final_lr; 0: no limit", &s.cycles.limit, 0,
            kMostCount},
           {"onecycle_up", "onecycle: share of the run in which the rate rises", &s.onecycle.up, 0, 1},
           {"onecycle_div", "onecycle: starts at lr divided by this", &s.onecycle.div, 1, kAny},
           {"onecycle_final_div", "onecycle: ends at the start's rate divided by this", &s.onecycle.final_div, 1, kAny},
           {"onecycle_anneal", "onecycle: shape of both ways", &s.onecycle.anneal, -kAny, kAny, anneal_names()},
           {"onecycle_three_phase",
            "onecycle: falls to its start as fast as it rose, then to its end; false: falls in one",
            &s.onecycle.three_phase},
           {"onecycle_cycle_momentum", "onecycle: momentum, or beta1, falls while the rate rises, and rises again",
            &s.onecycle.cycle_momentum},
           {"onecycle_base_momentum", "onecycle: momentum, or beta1, where the rate is highest",
            &s.onecycle.base_momentum, 0, 0.999999},
           {"onecycle_max_momentum", "onecycle: momentum, or beta1, at the start and at the end",
            &s.onecycle.max_momentum, 0, 0.999999},
       },
       plateau_options(r.plateau)});
}

}  // namespace springbok::recipe
