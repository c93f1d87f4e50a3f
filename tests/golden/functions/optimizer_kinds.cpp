// The kinds of golden files of optimizers: ten and more steps on parameters that are a fill.
#include <ATen/Functions.h>

#include "springbok/base/error.h"
#include "springbok/recipe/optimizer_settings.h"
#include "springbok/train/optim/rules.h"
#include "tests/golden/functions/learning_kinds.h"

namespace springbok::golden {
namespace {

using nlohmann::json;

recipe::OptimizerSettings sgd_of(const json& sgd) {
  recipe::OptimizerSettings settings;
  settings.momentum = sgd.value("momentum", 0.0);
  settings.dampening = sgd.value("dampening", 0.0);
  settings.weight_decay = sgd.value("weight_decay", 0.0);
  settings.nesterov = sgd.value("nesterov", false);
  return settings;
}

/// The file's parameters under SGD, moved by its gradients.
struct Descent {
  Descent(Sheet& sheet, const json& the_case, std::vector<train::GradientStep> steps,
          const recipe::LookaheadSettings& lookahead = {})
      : gradients(sheet.at("gradients")) {
    const json& sgd = Sheet::need(the_case, "sgd");
    const recipe::OptimizerSettings settings = sgd_of(sgd);
    lr = Sheet::need(sgd, "lr");
    train::ParamGroup group{.weight_decay = settings.weight_decay, .slots = {}};
    for (const json& parameter : sheet.at("parameters")) {
      const std::string name = Sheet::need(parameter, "fill");
      group.slots.push_back({static_cast<graph::ParamId>(group.slots.size()), name, input_of(parameter)});
    }
    optimizer = train::make_optimizer({std::move(group)}, std::move(steps), settings);
    if (lookahead.k > 0) optimizer->look_ahead(lookahead);
  }

  const std::vector<train::Slot>& slots() const { return optimizer->groups()[0].slots; }
  /// All values in a row, as the file's columns.
  at::Tensor values() const {
    std::vector<at::Tensor> flat;
    for (const train::Slot& slot : slots()) flat.push_back(slot.value.flatten());
    return at::cat(flat);
  }
  void step() {
    const double scale = Sheet::need(gradients, "scale");
    const std::int64_t first = Sheet::need(gradients, "first_step");
    for (const train::Slot& slot : slots()) {
      at::Tensor value = slot.value;
      const std::string key = format("__grad__.{}.{}", first + made, slot.name);
      value.mutable_grad() = fill_scaled(key, value.sizes().vec(), scale);
    }
    ++made;
    optimizer->prepare();
    optimizer->step(lr);
    optimizer->clear_gradients();
  }
  at::Tensor after(std::size_t steps) {
    while (static_cast<std::size_t>(made) < steps) step();
    return values();
  }

  const json& gradients;
  double lr = 0;
  std::int64_t made = 0;
  std::unique_ptr<train::Optimizer> optimizer;
};

void compare_steps(Sheet& sheet, const std::string& what, Descent& descent, const json& wanted) {
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    descent.step();
    sheet.numbers(format("{}, after step {}", what, i + 1), descent.values(), wanted[i]);
  }
}

/// The one buffer that Lookahead adds, of all parameters in a row.
at::Tensor slow_values(const Descent& descent) {
  const tensors::Dict saved = descent.optimizer->state_dict(descent.lr);
  const auto* entries = tensors::find_as<tensors::Dict>(saved, "state");
  std::vector<at::Tensor> flat;
  for (const auto& entry : *entries) {
    const auto* own = std::get_if<tensors::Dict>(&entry.value.data);
    const auto* slow = tensors::find_as<tensors::Tensor>(*own, "lookahead_slow_buff");
    if (slow != nullptr) flat.push_back(engine::from_plain(*slow).flatten());
  }
  return flat.empty() ? at::empty({0}, at::kDouble) : at::cat(flat);
}

void check_toolbox_lookahead(Sheet& sheet, const json& the_case, const recipe::LookaheadSettings& settings) {
  Descent descent(sheet, the_case, {}, settings);
  json synced = json::array();
  const json& steps = Sheet::need(the_case, "after_each_step");
  at::Tensor slow = at::empty({0}, at::kDouble);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    descent.step();
    sheet.numbers(format("after step {}", i + 1), descent.values(), steps[i]);
    const at::Tensor now = slow_values(descent);
    const bool met = now.numel() > 0 && (slow.numel() == 0 || !now.equal(slow));
    if (!met) continue;
    slow = now;
    synced.push_back(i + 1);
    for (const json& row : Sheet::need(the_case, "slow_after_sync")) {
      if (row[0] == i + 1) {
        sheet.numbers(format("slow weights after step {}", i + 1),
                      at::cat({at::full({1}, static_cast<double>(i + 1), at::kDouble), now}), row);
      }
    }
  }
  sheet.equal("synced_at_steps", synced, Sheet::need(the_case, "synced_at_steps"));
}

void check_lookahead_case(Sheet& sheet, const json& the_case) {
  if (the_case.value("groups", "one") != "one") return sheet.unknown("groups: " + the_case["groups"].dump());
  recipe::LookaheadSettings settings{.k = Sheet::need(the_case, "k"), .alpha = Sheet::need(the_case, "alpha")};
  const std::size_t steps = Sheet::need(the_case, "after_each_step").size();
  if (the_case.contains("start")) sheet.numbers("start", Descent(sheet, the_case, {}).values(), the_case["start"]);
  settings.form = recipe::LookaheadForm::toolbox;
  check_toolbox_lookahead(sheet, the_case, settings);
  if (the_case.contains("without_lookahead_last")) {
    sheet.numbers("without_lookahead_last", Descent(sheet, the_case, {}).after(steps),
                  the_case["without_lookahead_last"]);
  }
  for (const auto& [key, form] :
       {std::pair{"paper_form", recipe::LookaheadForm::paper}, std::pair{"timm_form", recipe::LookaheadForm::timm}}) {
    if (!the_case.contains(key)) continue;
    settings.form = form;
    const at::Tensor last = Descent(sheet, the_case, {}, settings).after(steps);
    sheet.numbers(format("{}: last", key), last, Sheet::need(the_case[key], "last"));
  }
}

void check_lookahead(Sheet& sheet) {
  for (const json& the_case : sheet.at("cases")) check_lookahead_case(sheet, the_case);
}

void check_gc_case(Sheet& sheet, const json& the_case) {
  constexpr std::int64_t kConvolution = 4, kMatrix = 2;
  constexpr double kTwoDigits = 0.06;
  const std::string which = Sheet::need(the_case, "centralised");
  const std::int64_t least = which.find("convolutions only") != std::string::npos ? kConvolution : kMatrix;
  const json& steps = Sheet::need(the_case, "after_each_step");
  Descent published(sheet, the_case, {train::centralise_decayed(least)});
  compare_steps(sheet, which, published, steps);
  if (the_case.contains("plain_sgd_last")) {
    sheet.numbers("plain_sgd_last", Descent(sheet, the_case, {}).after(steps.size()), the_case["plain_sgd_last"]);
  }
  if (!the_case.contains("gap_to_own_reference_by_order")) return;
  // The paper's form, which leaves weight decay as it is: as far away as the file says, to its two digits.
  const at::Tensor paper = Descent(sheet, the_case, {train::centralise(least)}).after(steps.size());
  const double gap = paper.sub(published.values()).abs().max().item<double>();
  const double wanted = Sheet::need(the_case["gap_to_own_reference_by_order"], "before_decay");
  const bool close = wanted < 1e-12 ? gap < 1e-12 : gap > wanted * (1 - kTwoDigits) && gap < wanted * (1 + kTwoDigits);
  sheet.expect(close, format("centralised before weight decay: {} away instead of {}", gap, wanted));
}

void check_sgd_gc(Sheet& sheet) {
  for (const json& the_case : sheet.at("cases")) check_gc_case(sheet, the_case);
}

}  // namespace

std::vector<Kind> optimizer_kinds() {
  std::vector<Kind> kinds{
      {"optimizer/lookahead.py", "Lookahead", {"cases", "parameters", "gradients"}, check_lookahead},
      {"optimizer/sgd_gc.py", "SGD_GC", {"cases", "parameters", "gradients"}, check_sgd_gc}};
  for (const auto& part : {schedule_kinds_of_files(), group_kinds()})
    kinds.insert(kinds.end(), part.begin(), part.end());
  return kinds;
}

}  // namespace springbok::golden
