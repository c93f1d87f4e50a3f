// The kinds of golden files of mixed images: mixup and CutMix.
#include <ATen/Functions.h>

#include "springbok/data/load/mix.h"
#include "springbok/tasks/cross_entropy.h"
#include "tests/golden/functions/losses.h"

namespace springbok::golden {
namespace {

using nlohmann::json;

constexpr double kFloat = 2.5e-7;  // images are mixed in float32: two roundings

/// (N,C,H,W) as a loader's batch.
data::Batch batch_of(const at::Tensor& images, const std::vector<std::int64_t>& targets) {
  data::Batch batch{.size = images.size(0),
                    .height = static_cast<int>(images.size(2)),
                    .width = static_cast<int>(images.size(3)),
                    .channels = static_cast<int>(images.size(1)),
                    .pixels = {},
                    .targets = targets,
                    .indices = {}};
  const at::Tensor rows = images.permute({0, 2, 3, 1}).to(at::kFloat).contiguous();
  batch.pixels.assign(rows.const_data_ptr<float>(), rows.const_data_ptr<float>() + rows.numel());
  return batch;
}

at::Tensor images_of(const data::Batch& batch) {
  return at::tensor(batch.pixels, at::kFloat)
      .reshape({batch.size, batch.height, batch.width, batch.channels})
      .permute({0, 3, 1, 2})
      .to(at::kDouble);
}

void mixup_loss(Sheet& sheet, const json& c, const char* key, const tasks::MixedTargets& mixed, double smoothing) {
  const at::Tensor logits = leaf(sheet.at("logits"));
  const auto count = static_cast<double>(mixed.targets.size());
  const tasks::Smoothing form{.share = smoothing, .toolbox = true};
  const at::Tensor loss = tasks::cross_entropy_sum(logits, mixed, {.smoothing = form}).div(count);
  check_loss(sheet, key, loss, Sheet::need(c, key), {{"logits", logits}});
  const at::Tensor soft = tasks::soft_targets(logits, mixed, form);
  const double dense = -at::mul(soft, at::log_softmax(logits, 1)).sum().item<double>() / count;
  sheet.near(std::string(key) + " of soft targets", dense, loss.item<double>());
}

void mixup_case(Sheet& sheet, const json& c) {
  const std::vector<std::int64_t> targets = classes_of(sheet.at("targets"));
  const double alpha = Sheet::need(c, "alpha"), share = Sheet::need(c, "lam");
  const data::MixSettings settings{.mixup = alpha, .partner = data::MixPartner::flipped};
  const json drawn = data::mix_odds(settings).mixup > 0 ? json::array({json::array({alpha, alpha})}) : json::array();
  sheet.equal("parameters of the beta distribution", drawn, Sheet::need(c, "beta_drawn_with"));
  data::Batch batch = batch_of(input_of(sheet.at("input")), targets);
  Rng rng(0, {});
  data::MixChoice choice =
      data::choose_mix({.mixup = 1, .partner = settings.partner}, {batch.height, batch.width}, batch.size, rng);
  choice.share = share;
  const std::vector<std::int64_t> partners = data::mix(batch, choice);
  sheet.tensor("mixed", images_of(batch), Sheet::need(c, "mixed"), kFloat);
  sheet.equal("y_a", batch.targets, Sheet::need(c, "y_a"));
  sheet.equal("y_b", partners, Sheet::need(c, "y_b"));
  const tasks::MixedTargets mixed{.targets = batch.targets, .partners = partners, .share = share};
  mixup_loss(sheet, c, "cross_entropy", mixed, 0);
  mixup_loss(sheet, c, "label_smoothing_0_1", mixed, 0.1);
}

void mixup(Sheet& sheet) {
  for (const json& c : sheet.at("cases")) mixup_case(sheet, c);
}

json box_of(const image::Region& region) {
  return {
      {"y1", region.top}, {"y2", region.top + region.height}, {"x1", region.left}, {"x2", region.left + region.width}};
}

void cutmix_case(Sheet& sheet, const json& c) {
  const std::vector<std::int64_t> targets = classes_of(sheet.at("targets"));
  data::Batch batch = batch_of(input_of(sheet.at("input")), targets);
  const image::Size size{batch.height, batch.width};
  const double share = Sheet::need(c, "lam");
  const int y = Sheet::need(c, "cy"), x = Sheet::need(c, "cx");
  data::MixChoice choice = data::cutmix_choice(size, share, y, x, data::CutmixBox::even, data::CutmixShare::drawn);
  sheet.equal("randint_asked", json::array({size.height, size.width}), Sheet::need(c, "randint_asked"));
  const bool empty = choice.box->height == 0 || choice.box->width == 0;
  sheet.equal("box", empty ? json() : box_of(*choice.box), Sheet::need(c, "box"));
  sheet.near("lam_returned", choice.share, Sheet::need(c, "lam_returned"));
  sheet.near("lam_by_area", data::cutmix_choice(size, share, y, x).share, Sheet::need(c, "lam_by_area"));
  const data::MixChoice timm = data::cutmix_choice(size, share, y, x, data::CutmixBox::odd);
  json wanted = Sheet::need(c, "timm");
  sheet.near("timm's lam", timm.share, Sheet::need(wanted, "lam"));
  wanted.erase("lam");
  sheet.equal("timm's box", box_of(*timm.box), wanted);
  choice.partners = classes_of(Sheet::need(c, "permutation"));
  const std::vector<std::int64_t> partners = data::mix(batch, choice);
  sheet.tensor("mixed", images_of(batch), Sheet::need(c, "mixed"));
  sheet.equal("y_a", batch.targets, Sheet::need(c, "y_a"));
  sheet.equal("y_b", partners, Sheet::need(c, "y_b"));
}

/// torch-toolbox gives each kind a probability and halves both where both are on.
void odds_case(Sheet& sheet, const json& c) {
  const bool mixes = Sheet::need(c, "mixup"), cuts = Sheet::need(c, "cutmix");
  const double half = mixes && cuts ? 0.5 : 1;
  const double mixup = mixes ? half * Sheet::need(c, "mixup_prob").get<double>() : 0;
  const double cutmix = cuts ? half * Sheet::need(c, "cutmix_prob").get<double>() : 0;
  const double sum = mixup + cutmix;
  const data::MixOdds odds = data::mix_odds(
      {.mixup = mixes ? 1.0 : 0, .cutmix = cuts ? 1.0 : 0, .prob = sum, .cutmix_odds = sum > 0 ? cutmix / sum : 0});
  sheet.numbers("weights_mixup_cutmix_none", at::tensor({odds.mixup, odds.cutmix, odds.none}, at::kDouble),
                Sheet::need(c, "weights_mixup_cutmix_none"));
}

void cutmix(Sheet& sheet) {
  for (const json& c : sheet.at("cases")) cutmix_case(sheet, c);
  for (const json& c : sheet.file.value("get_method", json::array())) odds_case(sheet, c);
}

}  // namespace

std::vector<Kind> mixture_kinds() {
  return {
      {"tools/mixup.py", "mixup_data", {"cases", "input", "targets", "logits"}, mixup},
      {"tools/mixup.py", "cutmix_data", {"cases", "input", "targets"}, cutmix},
  };
}

}  // namespace springbok::golden
