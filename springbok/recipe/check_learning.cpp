// What optimisation's finer choices need, and what contradicts itself among them.
#include <algorithm>

#include "springbok/base/error.h"
#include "springbok/recipe/used_when.h"

namespace springbok::recipe {
namespace {

using Kind = ScheduleKind;
using graph::InitRule;

bool is_muon(const Recipe& r) {
  return r.optimizer.kind == OptimizerKind::muon;
}
bool is_cycled(const Recipe& r) {
  return r.rate.kind == Kind::cosine && r.rate.cycles.epochs > 0;
}
bool is_onecycle(const Recipe& r) {
  return r.rate.kind == Kind::onecycle;
}
bool is_plateau(const Recipe& r) {
  return r.rate.kind == Kind::plateau;
}
bool has_ema(const Recipe& r) {
  return r.ema_decay > 0;
}
bool has_swa_lr(const Recipe& r) {
  return r.averages.swa_start > 0 && r.averages.swa_lr > 0;
}
bool has_lookahead(const Recipe& r) {
  return r.optimizer.lookahead.k > 0;
}
/// Of curves that know where the warm-up ends.
bool starts_after_warmup(const Recipe& r) {
  return r.warmup_epochs > 0 &&
         (r.rate.kind == Kind::cosine || r.rate.kind == Kind::poly || r.rate.kind == Kind::exponential);
}
template <InitRule... rules>
bool starts_by(const Recipe& r) {
  return ((r.init_scheme.rule == rules) || ...);
}

bool cycles_momentum(const Recipe& r) {
  return is_onecycle(r) && r.rate.onecycle.cycle_momentum;
}

constexpr const char* kMuon = "optimizer = muon";
constexpr const char* kLookahead = "lookahead_k above 0";
constexpr const char* kCycles = "schedule = cosine and cycle_epochs above 0";
constexpr const char* kOneCycle = "schedule = onecycle";
constexpr const char* kCycledMomentum = "schedule = onecycle and onecycle_cycle_momentum = true";
constexpr const char* kOwnMomentum = "another schedule than onecycle, or onecycle_cycle_momentum = false";
constexpr const char* kPlateau = "schedule = plateau";
constexpr const char* kEma = "ema_decay above 0";

constexpr UsedWhen kRules[] = {
    {"accumulate_form", [](const Recipe& r) { return r.accumulate > 1 || r.global_batch > 0; },
     "accumulate above 1, or global_batch"},
    {"dampening", [](const Recipe& r) { return r.optimizer.kind == OptimizerKind::sgd && r.optimizer.momentum > 0; },
     "optimizer = sgd and momentum above 0"},
    {"lookahead_alpha", has_lookahead, kLookahead},
    {"lookahead_form", has_lookahead, kLookahead},
    {"muon_steps", is_muon, kMuon},
    {"muon_scale", is_muon, kMuon},
    {"muon_linear", is_muon, kMuon},
    {"muon_unit_norm", is_muon, kMuon},
    {"muon_rest", is_muon, kMuon},
    {"muon_rest_lr", is_muon, kMuon},
    {"sam_adaptive", [](const Recipe& r) { return r.sharpness.rho > 0; }, "sam_rho above 0"},
    {"freeze_stats", [](const Recipe& r) { return !r.groups.freeze.empty(); }, "freeze, the layers that do not learn"},
    {"ema_warmup", has_ema, kEma},
    {"ema_every", has_ema, kEma},
    {"swa_lr", [](const Recipe& r) { return r.averages.swa_start > 0; }, "swa_start above 0"},
    {"swa_anneal_epochs", has_swa_lr, "swa_start and swa_lr above 0"},
    {"lr_scaling", [](const Recipe& r) { return r.lr_per > 0; }, "lr_per above 0"},
    {"warmup", [](const Recipe& r) { return r.warmup_epochs > 0 && r.rate.kind != Kind::toolbox_cosine; },
     "warmup_epochs above 0, and another schedule than toolbox-cosine"},
    {"warmup_prefix", starts_after_warmup, "warmup_epochs above 0 and schedule = cosine, poly or exponential"},
    {"cycle_epochs", [](const Recipe& r) { return r.rate.kind == Kind::cosine; }, "schedule = cosine"},
    {"cycle_mul", is_cycled, kCycles},
    {"cycle_decay", is_cycled, kCycles},
    {"cycle_limit", is_cycled, kCycles},
    {"onecycle_up", is_onecycle, kOneCycle},
    {"onecycle_div", is_onecycle, kOneCycle},
    {"onecycle_final_div", is_onecycle, kOneCycle},
    {"onecycle_anneal", is_onecycle, kOneCycle},
    {"onecycle_three_phase", is_onecycle, kOneCycle},
    {"onecycle_cycle_momentum", is_onecycle, kOneCycle},
    {"onecycle_base_momentum", cycles_momentum, kCycledMomentum},
    {"onecycle_max_momentum", cycles_momentum, kCycledMomentum},
    {"momentum", [](const Recipe& r) { return !cycles_momentum(r); }, kOwnMomentum},
    {"beta1", [](const Recipe& r) { return !cycles_momentum(r); }, kOwnMomentum},
    {"plateau_factor", is_plateau, kPlateau},
    {"plateau_patience", is_plateau, kPlateau},
    {"plateau_threshold", is_plateau, kPlateau},
    {"plateau_cooldown", is_plateau, kPlateau},
    {"plateau_least_lr", is_plateau, kPlateau},
    {"eval", [](const Recipe& r) { return r.ranks.bn_stats == BnStats::local || r.ranks.eval == EvalBy::shared; },
     "bn_stats = local: with equal statistics each rank's numbers are the same"},
    {"init_fan", starts_by<InitRule::kaiming>, "init_scheme = modelzoo"},
    {"init_draw", starts_by<InitRule::kaiming, InitRule::xavier>, "init_scheme = modelzoo or xavier"},
    {"init_slope", starts_by<InitRule::kaiming, InitRule::msra_prelu>, "init_scheme = modelzoo or msra-prelu"},
    {"init_std", starts_by<InitRule::trunc_normal>, "init_scheme = trunc-normal"},
};

void check_clipping(const Recipe& r) {
  const int ways = (r.clip_norm > 0) + (r.clip.value > 0) + (r.clip.agc > 0);
  if (ways > 1) fail_usage("--clip-norm, --clip-value and --agc: gradients are clipped in one way; give one of them");
}

void check_optimizer(const Recipe& r) {
  const OptimizerSettings& o = r.optimizer;
  if (o.nesterov && o.dampening > 0) fail_usage("--dampening: Nesterov's form of momentum has none; leave out one");
  const bool apart =
      o.kind == OptimizerKind::adamw || o.kind == OptimizerKind::lamb || o.kind == OptimizerKind::lion || is_muon(r);
  if (o.centralise == Centralise::toolbox && apart) {
    fail_usage("--centralise toolbox: centralises weight decay with the gradient; {} decays apart from it",
               optimizer_kinds()[static_cast<std::size_t>(o.kind)]);
  }
  if (r.groups.last_mult != 1 && r.groups.layer_decay != 1) {
    fail_usage("--last-mult and --layer-decay: both say how fast the head learns; give one of them");
  }
  if (r.groups.layer_decay == 0) fail_usage("--layer-decay: must be above 0; --freeze backbone trains the head alone");
}

void check_cycle(const Recipe& r) {
  const OneCycle& c = r.rate.onecycle;
  if (cycles_momentum(r) && c.base_momentum > c.max_momentum) {
    fail_usage("--onecycle-base-momentum: {} is above --onecycle-max-momentum {}", c.base_momentum, c.max_momentum);
  }
  if (is_onecycle(r) && c.three_phase && c.up > 0.5) {
    fail_usage("--onecycle-three-phase: falls as long as it rose; --onecycle-up {} leaves no time for that", c.up);
  }
}

void check_accumulation(const Recipe& r) {
  if (r.accumulate_form != AccumulateForm::elastic || r.drop_last_step) return;
  fail_usage("--accumulate-form elastic: makes steps of whole batches alone, as Elastic; give --drop-last-step too");
}

void check_averages(const Recipe& r) {
  const AverageSettings& a = r.averages;
  if (a.swa_start > 0 && has_ema(r))
    fail_usage("--swa-start and --ema-decay: one average is released; give one of them");
  if (a.swa_start >= r.epochs && a.swa_start > 0) {
    fail_usage("--swa-start: after {} of {} epochs nothing is left to average", a.swa_start, r.epochs);
  }
}

}  // namespace

std::span<const UsedWhen> learning_rules() {
  return kRules;
}

void check_learning(const Recipe& recipe) {
  check_clipping(recipe);
  check_accumulation(recipe);
  check_cycle(recipe);
  check_optimizer(recipe);
  check_averages(recipe);
}

}  // namespace springbok::recipe
