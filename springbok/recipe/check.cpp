// What a recipe must hold: no contradiction, and no key without effect.
#include <algorithm>
#include <cmath>
#include <span>

#include "springbok/base/error.h"
#include "springbok/base/quote.h"
#include "springbok/recipe/recipe.h"
#include "springbok/recipe/task.h"
#include "springbok/recipe/used_when.h"

namespace springbok::recipe {
namespace {

using data::PolicyKind;
using Kind = ScheduleKind;

bool schedule_is(const Recipe& r, std::initializer_list<Kind> kinds) {
  return std::find(kinds.begin(), kinds.end(), r.rate.kind) != kinds.end();
}

bool optimizer_is(const Recipe& r, std::initializer_list<OptimizerKind> kinds) {
  return std::find(kinds.begin(), kinds.end(), r.optimizer.kind) != kinds.end();
}

bool has_betas(const Recipe& r) {
  if (optimizer_is(r, {OptimizerKind::muon})) return r.optimizer.muon.rest == MuonRest::adamw;
  return optimizer_is(r, {OptimizerKind::adam, OptimizerKind::adamw, OptimizerKind::lamb, OptimizerKind::lion});
}

LossScaleKind scaling(const Recipe& r) {
  return kind_of(r.loss_scale, r.precision);
}

bool dynamic_scale(const Recipe& r) {
  return scaling(r) == LossScaleKind::dynamic;
}

bool crop_resized(const Recipe& r) {
  return r.augment.crop == data::Crop::resized;
}

bool random_ops(const Recipe& r) {
  return r.augment.policy == PolicyKind::rand || r.augment.policy == PolicyKind::toolbox_rand ||
         r.augment.policy == PolicyKind::timm_rand;
}

bool is_timm_rand(const Recipe& r) {
  return r.augment.policy == PolicyKind::timm_rand;
}

bool is_augmix(const Recipe& r) {
  return r.augment.policy == PolicyKind::augmix || r.augment.policy == PolicyKind::timm_augmix;
}

bool cuts_out(const Recipe& r) {
  return r.augment.toolbox_cutout > 0;
}

bool may_do_nothing(const Recipe& r) {
  return r.augment.policy == PolicyKind::toolbox_rand || r.augment.policy == PolicyKind::timm_rand;
}

bool erases(const Recipe& r) {
  return r.augment.random_erasing > 0;
}

bool loss_is(const Recipe& r, std::initializer_list<LossKind> kinds) {
  return std::find(kinds.begin(), kinds.end(), r.loss.kind) != kinds.end();
}

bool is_bce(const Recipe& r) {
  return loss_is(r, {LossKind::bce});
}

bool is_focal(const Recipe& r) {
  return loss_is(r, {LossKind::focal});
}

bool is_asymmetric(const Recipe& r) {
  return loss_is(r, {LossKind::asymmetric, LossKind::asymmetric_softmax});
}

bool has_teacher(const Recipe& r) {
  return !r.loss.teacher.empty();
}

bool mixes(const Recipe& r) {
  return r.mix.any();
}

bool cuts(const Recipe& r) {
  return r.mix.cutmix > 0;
}

bool cuts_by_share(const Recipe& r) {
  return cuts(r) && r.mix.box_max == 0;
}

bool rolls_back(const Recipe& r) {
  return r.on_nan.policy == NanPolicy::rollback;
}

constexpr UsedWhen kRules[] = {
    {"final_lr",
     [](const Recipe& r) {
       return schedule_is(r, {Kind::cosine, Kind::poly, Kind::toolbox_cosine});
     },
     "schedule = cosine, toolbox-cosine or poly"},
    {"gamma",
     [](const Recipe& r) {
       return schedule_is(r, {Kind::step, Kind::exponential});
     },
     "schedule = step or exponential"},
    {"cuda_graphs", [](const Recipe& r) { return r.device != "cpu"; }, "device = cuda"},
    {"step_epochs", [](const Recipe& r) { return r.rate.kind == Kind::step; }, "schedule = step"},
    {"power", [](const Recipe& r) { return r.rate.kind == Kind::poly; }, "schedule = poly"},
    {"warmup_lr", [](const Recipe& r) { return r.warmup_epochs > 0; }, "warmup_epochs above 0"},
    {"nesterov", [](const Recipe& r) { return optimizer_is(r, {OptimizerKind::sgd}); }, "optimizer = sgd"},
    {"momentum",
     [](const Recipe& r) {
       return optimizer_is(
           r, {OptimizerKind::sgd, OptimizerKind::rmsprop, OptimizerKind::rmsprop_tf, OptimizerKind::muon});
     },
     "optimizer = sgd, rmsprop, rmsprop_tf or muon"},
    {"beta1", has_betas, "optimizer = adam, adamw, lamb, lion, or muon with muon_rest = adamw"},
    {"beta2", has_betas, "optimizer = adam, adamw, lamb, lion, or muon with muon_rest = adamw"},
    {"rms_alpha",
     [](const Recipe& r) {
       return optimizer_is(r, {OptimizerKind::rmsprop, OptimizerKind::rmsprop_tf});
     },
     "optimizer = rmsprop or rmsprop_tf"},
    {"eps",
     [](const Recipe& r) {
       return !optimizer_is(r, {OptimizerKind::sgd, OptimizerKind::lion}) &&
              (r.optimizer.kind != OptimizerKind::muon || has_betas(r));
     },
     "optimizer = adam, adamw, rmsprop, rmsprop_tf, lamb, or muon with muon_rest = adamw"},
    {"accumulate", [](const Recipe& r) { return r.global_batch == 0; }, "global_batch = 0"},
    {"drop_last", [](const Recipe& r) { return !r.drop_last_step; }, "drop_last_step = false"},
    {"norm_decay", [](const Recipe& r) { return r.optimizer.weight_decay > 0; }, "weight_decay above 0"},
    {"decode", crop_resized, "crop = resized"},
    {"scale_min", crop_resized, "crop = resized"},
    {"scale_max", crop_resized, "crop = resized"},
    {"ratio_min", crop_resized, "crop = resized"},
    {"ratio_max", crop_resized, "crop = resized"},
    {"allow", [](const Recipe& r) { return !r.init.empty() || !r.pretrained.empty(); },
     "init, the weights to start from"},
    {"allow", [](const Recipe& r) { return r.init_form == InitForm::fit; }, "init_form = fit"},
    {"init_form", [](const Recipe& r) { return !r.init.empty(); }, "init, the weights to start from"},
    {"drop_block_size", [](const Recipe& r) { return r.options.drop_block > 0; }, "drop_block above 0"},
    {"drop_block_form", [](const Recipe& r) { return r.options.drop_block > 0; }, "drop_block above 0"},
    {"dropout_from", [](const Recipe& r) { return r.options.dropout > 0; }, "dropout above 0"},
    {"drop_path_from", [](const Recipe& r) { return r.options.drop_path > 0; }, "drop_path above 0"},
    {"drop_block_from", [](const Recipe& r) { return r.options.drop_block > 0; }, "drop_block above 0"},
    {"progressive_epochs", [](const Recipe& r) { return r.progressive.size > 0; }, "progressive_size above 0"},
    {"progressive_step", [](const Recipe& r) { return r.progressive.size > 0; }, "progressive_size above 0"},
    {"lip_width", [](const Recipe& r) { return r.options.lip; }, "lip"},
    {"rand_ops", random_ops, "auto_augment = rand, toolbox-rand or timm-rand"},
    {"rand_magnitude", random_ops, "auto_augment = rand, toolbox-rand or timm-rand"},
    {"rand_probability", may_do_nothing, "auto_augment = toolbox-rand or timm-rand"},
    {"rand_std", [](const Recipe& r) { return data::is_timm(r.augment.policy); }, "auto_augment = one of timm's"},
    {"rand_increasing", is_timm_rand, "auto_augment = timm-rand"},
    {"rand_most", is_timm_rand, "auto_augment = timm-rand"},
    {"random_erasing_form", erases, "random_erasing above 0"},
    {"random_erasing_fill", erases, "random_erasing above 0"},
    {"toolbox_cutout_fill", cuts_out, "toolbox_cutout above 0"},
    {"toolbox_cutout_low", cuts_out, "toolbox_cutout above 0"},
    {"toolbox_cutout_high", cuts_out, "toolbox_cutout above 0"},
    {"augmix_severity", is_augmix, "auto_augment = augmix or timm-augmix"},
    {"augmix_width", is_augmix, "auto_augment = augmix or timm-augmix"},
    {"augmix_depth", is_augmix, "auto_augment = augmix or timm-augmix"},
    {"loss_scale_init", dynamic_scale, "precision = fp16 or loss_scale = dynamic"},
    {"loss_scale_growth", dynamic_scale, "precision = fp16 or loss_scale = dynamic"},
    {"loss_scale_backoff", dynamic_scale, "precision = fp16 or loss_scale = dynamic"},
    {"loss_scale_interval", dynamic_scale, "precision = fp16 or loss_scale = dynamic"},
    {"loss_scale_kept", [](const Recipe& r) { return scaling(r) == LossScaleKind::fixed; }, "loss_scale = a number"},
    {"smoothing_form", [](const Recipe& r) { return r.label_smoothing > 0; }, "label_smoothing above 0"},
    {"weighted_mean", [](const Recipe& r) { return !r.loss.class_weights.empty(); }, "class_weights"},
    {"bce_threshold", is_bce, "loss = bce"},
    {"bce_sum", is_bce, "loss = bce"},
    {"bce_pos_weight", is_bce, "loss = bce"},
    {"focal_gamma", is_focal, "loss = focal"},
    {"focal_alpha", is_focal, "loss = focal"},
    {"asymmetric_gamma_neg", is_asymmetric, "loss = asymmetric or asymmetric_softmax"},
    {"asymmetric_gamma_pos", is_asymmetric, "loss = asymmetric or asymmetric_softmax"},
    {"asymmetric_clip", [](const Recipe& r) { return loss_is(r, {LossKind::asymmetric}); }, "loss = asymmetric"},
    {"distil_alpha", has_teacher, "teacher, the weights to learn from"},
    {"distil_temperature", has_teacher, "teacher, the weights to learn from"},
    {"distil_form", has_teacher, "teacher, the weights to learn from"},
    {"aux_weight", [](const Recipe& r) { return r.options.aux_head; }, "aux_head"},
    {"mix_prob", mixes, "mixup or cutmix above 0"},
    {"mix_mode", mixes, "mixup or cutmix above 0"},
    {"mix_partner", mixes, "mixup or cutmix above 0"},
    {"mixup_off_epoch", mixes, "mixup or cutmix above 0"},
    {"cutmix_odds", [](const Recipe& r) { return r.mix.mixup > 0 && r.mix.cutmix > 0; }, "mixup and cutmix above 0"},
    {"cutmix_share", cuts_by_share, "cutmix above 0 and cutmix_max = 0"},
    {"cutmix_box", cuts_by_share, "cutmix above 0 and cutmix_max = 0"},
    {"cutmix_max", cuts, "cutmix above 0"},
    {"cutmix_min", [](const Recipe& r) { return cuts(r) && r.mix.box_max > 0; }, "cutmix and cutmix_max above 0"},
    {"shuffle_buffer", [](const Recipe& r) { return r.sampler == data::Sampler::shuffled; }, "sampler = shuffled"},
    {"crop_ratio", [](const Recipe& r) { return r.preprocess.fit != data::Fit::squash; }, "fit = crop"},
    {"pad", [](const Recipe& r) { return r.augment.crop == data::Crop::pad; }, "crop = pad"},
    {"nan_limit", [](const Recipe& r) { return r.on_nan.policy != NanPolicy::stop; }, "on_nan = skip or rollback"},
    {"nan_lr", rolls_back, "on_nan = rollback"},
    {"nan_seed", rolls_back, "on_nan = rollback"},
};

/// The rule by which the key has no effect, or nullptr.
const UsedWhen* broken_rule(const Recipe& recipe, const std::string& key) {
  const auto broken = [&](const UsedWhen& rule) { return rule.key == key && !rule.used(recipe); };
  for (const std::span<const UsedWhen> rules : {task_rules(), std::span<const UsedWhen>(kRules), learning_rules()}) {
    const auto found = std::find_if(rules.begin(), rules.end(), broken);
    if (found != rules.end()) return &*found;
  }
  return nullptr;
}

void check_used(const Recipe& recipe, const Given& given) {
  for (const auto& [key, where] : given) {
    if (const UsedWhen* rule = broken_rule(recipe, key)) {
      fail_usage("{}: has no effect here; it needs {}", where, rule->needs);
    }
  }
}

void check_present(const Recipe& r, Network network) {
  if (r.model.empty()) fail_usage("training needs a network: give --model NAME ('springbok models list' names them)");
  if (network == Network::zoo) zoo::find_model(r.model);
  if (r.data.empty())
    fail_usage("training needs images: give --data SOURCE (a folder with train/ and val/, or IDX files)");
  if (r.out.empty()) fail_usage("training needs a run folder: give --out RUN");
}

/// Texts of a recipe go into run.json, the log and the released weights, which hold lines of UTF-8.
void check_texts(const Recipe& recipe) {
  Recipe copy = recipe;
  for (const Option& option : option_table(copy)) {
    std::vector<std::string> texts;
    if (auto* const* text = std::get_if<std::string*>(&option.field)) texts = {**text};
    if (auto* const* list = std::get_if<std::vector<std::string>*>(&option.field)) texts = **list;
    for (const std::string& text : texts) {
      if (printable(text) == text) continue;
      fail_usage("{}: '{}' is not plain UTF-8 text, which a run's files need; use another name, or a link of one",
                 flag_name(option.key), shortened(text));
    }
  }
}

void check_order(double low, double high, const char* low_key, const char* high_key) {
  if (low > high) fail_usage("{}: {} is above {} {}", flag_name(low_key), low, flag_name(high_key), high);
}

void check_step_epochs(const Recipe& r) {
  if (r.rate.kind != Kind::step) return;
  if (r.rate.step_epochs.empty()) fail_usage("--schedule step: needs --step-epochs, such as 30,60,80");
  double last = 0;
  for (const double at : r.rate.step_epochs) {
    if (at <= last) fail_usage("--step-epochs: {} does not come after {}", at, last);
    if (at >= static_cast<double>(r.epochs))
      fail_usage("--step-epochs: {} is never reached in {} epochs", at, r.epochs);
    last = at;
  }
}

void check_rates(const Recipe& r) {
  batches_a_step(r);  // which says what global_batch cannot be
  if (r.rate.lr <= 0) fail_usage("--lr: must be above 0");
  if (schedule_is(r, {Kind::onecycle}) && r.warmup_epochs > 0) {
    fail_usage("--warmup-epochs: the schedule onecycle rises by itself; see --onecycle-up");
  }
  if (r.warmup_epochs >= static_cast<double>(r.epochs)) {
    fail_usage("--warmup-epochs: a warm-up of {} epochs leaves nothing of {} epochs", r.warmup_epochs, r.epochs);
  }
  if (r.optimizer.nesterov && r.optimizer.momentum == 0) fail_usage("--nesterov: needs --momentum above 0");
  if (r.lr_per == 0 && schedule_is(r, {Kind::cosine, Kind::poly, Kind::toolbox_cosine}))
    check_order(r.rate.final_lr, r.rate.lr, "final_lr", "lr");
  if (r.warmup_epochs > 0 && r.lr_per == 0) check_order(r.rate.warmup_lr, r.rate.lr, "warmup_lr", "lr");
}

void check_images(const Recipe& r) {
  if (r.preprocess.channels == 2) fail_usage("--channels: 1 (grey), 3 (RGB) or 0 (as stored)");
  check_order(r.augment.scale_min, r.augment.scale_max, "scale_min", "scale_max");
  check_order(r.augment.ratio_min, r.augment.ratio_max, "ratio_min", "ratio_max");
  check_order(static_cast<double>(r.augment.toolbox_cutout_low), static_cast<double>(r.augment.toolbox_cutout_high),
              "toolbox_cutout_low", "toolbox_cutout_high");
}

void check_loss(const Recipe& r) {
  const LossSettings& l = r.loss;
  if (l.focal_alpha < 0 && l.focal_alpha != -1) fail_usage("--focal-alpha: from 0 to 1, or -1 for none");
  if (l.bce_threshold < 0 && l.bce_threshold != -1) fail_usage("--bce-threshold: from 0 to 1, or -1 for none");
  if (has_teacher(r) && l.distil_alpha == 0) fail_usage("--distil-alpha: of 0 leaves --teacher without effect");
  if (r.mix.box_max > 0 && r.mix.box_min >= r.mix.box_max) {
    fail_usage("--cutmix-min: {} is not below --cutmix-max {}", r.mix.box_min, r.mix.box_max);
  }
  if (mixes(r) && r.mix.mode == data::MixMode::pair && r.mix.partner != data::MixPartner::flipped) {
    fail_usage("--mix-mode pair: an image and its mirror in the batch are mixed alike; it needs --mix-partner flipped");
  }
  if (r.mix.off_epoch >= r.epochs) {
    fail_usage("--mixup-off-epoch: {} is never reached in {} epochs, which are counted from 0", r.mix.off_epoch,
               r.epochs);
  }
}

/// From nothing or from a share on, up to what the network drops.
void check_ramps(const Recipe& r) {
  const auto check_from = [](double from, double to, const char* from_key, const char* to_key) {
    if (from < 0 && from != -1) fail_usage("{}: 0 to 1, or -1 for no ramp, got {}", flag_name(from_key), from);
    check_order(from, to, from_key, to_key);
  };
  check_from(r.drop_from.dropout, r.options.dropout, "dropout_from", "dropout");
  check_from(r.drop_from.drop_path, r.options.drop_path, "drop_path_from", "drop_path");
  check_from(r.drop_from.drop_block, r.options.drop_block, "drop_block_from", "drop_block");
}

/// A padded crop cuts a part out of images as they are, whatever its size.
void check_training_size(const Recipe& r) {
  const bool other = r.progressive.size > 0 || r.train_size > 0;
  if (!other || r.augment.crop != data::Crop::pad) return;
  fail_usage("{}: a padded crop of another size shows a part, not a smaller image; use --crop resized",
             r.progressive.size > 0 ? "--progressive-size" : "--train-size");
}

void check_progressive(const Recipe& r) {
  const Progressive& p = r.progressive;
  if (p.size == 0) return;
  if (r.epochs < 2) fail_usage("--progressive-size: a run of one epoch has the full size only; use more epochs");
  if (p.epochs >= r.epochs) {
    fail_usage("--progressive-epochs: {} of {} epochs leave none of the full size", p.epochs, r.epochs);
  }
}

}  // namespace

void check_ranges(const Recipe& recipe) {
  Recipe copy = recipe;
  for (const Option& option : option_table(copy)) check_option(option, flag_name(option.key));
}

bool is_useless(const Recipe& recipe, const std::string& key) {
  return broken_rule(recipe, key) != nullptr;
}

void check_recipe(const Recipe& recipe, const Given& given, Network network) {
  check_texts(recipe);
  check_present(recipe, network);
  check_task(recipe, given, network);
  check_ranges(recipe);
  check_rates(recipe);
  check_learning(recipe);
  check_step_epochs(recipe);
  check_images(recipe);
  kind_of(recipe.loss_scale, recipe.precision);  // its text is one
  check_loss(recipe);
  check_ramps(recipe);
  check_training_size(recipe);
  check_progressive(recipe);
  check_used(recipe, given);
}

}  // namespace springbok::recipe
