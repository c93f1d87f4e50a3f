// The kinds of golden files of losses over classes: label smoothing, sigmoid losses, Elastic's BCE.
#include <ATen/Functions.h>

#include <cmath>

#include "springbok/recipe/class_weights.h"
#include "springbok/tasks/binary_cross_entropy.h"
#include "springbok/tasks/cross_entropy.h"
#include "springbok/tasks/focal.h"
#include "springbok/tasks/multilabel.h"
#include "tests/golden/functions/losses.h"

namespace springbok::golden {

using nlohmann::json;

void check_loss(Sheet& sheet, const std::string& what, const at::Tensor& loss, const json& out,
                const std::vector<std::pair<std::string, at::Tensor>>& leaves, double bound) {
  if (Sheet::need(out, "value").is_array()) {
    sheet.numbers(what, loss, out["value"], bound);
  } else {
    sheet.near(what, loss.item<double>(), out["value"], bound);
  }
  loss.sum().backward();
  for (const auto& [name, tensor] : leaves) {
    const std::string key = "grad_" + name;
    sheet.expect(tensor.grad().defined(), what + ": " + key + ": there is none");
    if (tensor.grad().defined()) sheet.tensor(what + ": " + key, tensor.grad(), Sheet::need(out, key), bound);
  }
}

namespace {

void smoothing_case(Sheet& sheet, const json& c) {
  const std::vector<std::int64_t> targets = classes_of(Sheet::need(c, "targets"));
  const tasks::Smoothing smoothing{.share = Sheet::need(c, "smoothing"), .toolbox = true};
  const std::string what = "smoothing " + c["smoothing"].dump();
  const auto classes = Sheet::need(c, "classes").get<std::int64_t>();
  const json& row = Sheet::need(c, "target_row");
  sheet.near(what + ": true class", smoothing.on(classes), Sheet::need(row, "true"));
  sheet.near(what + ": other class", smoothing.off(classes), Sheet::need(row, "other"));
  const at::Tensor logits = leaf(Sheet::need(c, "logits"));
  const auto count = static_cast<double>(targets.size());
  const at::Tensor loss =
      tasks::cross_entropy_sum(logits, tasks::target_tensor(targets), {.smoothing = smoothing}).div(count);
  check_loss(sheet, what, loss, Sheet::need(c, "out"), {{"logits", logits}});
  // Its rows are float32 there; here they are of the logits' type.
  sheet.near(what + ": float32 rows", loss.item<double>(), Sheet::need(c, "value_with_float32_target"), 1e-7);
  const at::Tensor paper = tasks::cross_entropy_sum(logits, tasks::target_tensor(targets), smoothing.share).div(count);
  sheet.near(what + ": PyTorch's", paper.item<double>(), Sheet::need(c, "pytorch_cross_entropy_same_s"));
}

void label_smoothing(Sheet& sheet) {
  for (const json& c : sheet.at("cases")) smoothing_case(sheet, c);
}

/// The loss of each row without weights; undefined where the file's name for it is not known.
at::Tensor rows_of(const json& c, const at::Tensor& logits, const at::Tensor& soft) {
  if (c.value("loss", "FocalLoss") == "FocalLoss") {
    return tasks::focal(logits, soft, {.gamma = Sheet::need(c, "gamma"), .alpha = -1});
  }
  if (c["loss"] == "SigmoidCrossEntropy") return tasks::binary_cross_entropy(logits, soft, {.sum_classes = true});
  return {};
}

at::Tensor reduced(const at::Tensor& rows, const std::string& reduction) {
  return reduction == "mean" ? rows.mean() : reduction == "sum" ? rows.sum() : rows;
}

void sigmoid_case(Sheet& sheet, const json& c, const std::vector<std::int64_t>& targets) {
  const std::string what = c.value("loss", "") + " gamma " + c["gamma"].dump() + " " + c.value("reduction", "");
  const at::Tensor logits = leaf(sheet.at("logits"));
  at::Tensor rows = rows_of(c, logits, tasks::soft_targets(logits, {.targets = targets}));
  if (!rows.defined()) return sheet.unknown("a sigmoid loss " + c["loss"].dump());
  if (!Sheet::need(c, "weight").is_null()) {
    rows = at::mul(rows, tasks::row_weights(logits, {.targets = targets}, input_of(c["weight"])));
  }
  check_loss(sheet, what, reduced(rows, Sheet::need(c, "reduction")), Sheet::need(c, "out"), {{"logits", logits}});
}

/// Where the original's gradient is no number, ours is 0: the slope of a loss that is 0.
json without_nan(json out) {
  for (json& value : out["grad_logits"]["values"]) {
    if (value == "nan") value = 0;
  }
  return out;
}

void extreme_case(Sheet& sheet, const json& c) {
  const std::vector<std::int64_t> targets = classes_of(Sheet::need(c, "targets"));
  const auto rows = static_cast<std::int64_t>(targets.size());
  const at::Tensor logits = input_of(Sheet::need(c, "logits")).reshape({rows, -1}).requires_grad_();
  const at::Tensor loss = rows_of(c, logits, tasks::soft_targets(logits, {.targets = targets})).mean();
  check_loss(sheet, "extreme, gamma " + c["gamma"].dump(), loss, without_nan(Sheet::need(c, "out")),
             {{"logits", logits}});
}

void sigmoid_losses(Sheet& sheet) {
  const std::vector<std::int64_t> targets = classes_of(sheet.at("targets"));
  for (const json& c : sheet.at("cases")) sigmoid_case(sheet, c, targets);
  for (const json& c : sheet.file.value("extreme", json::array())) extreme_case(sheet, c);
  for (const json& c : sheet.file.value("class_balanced_weight", json::array())) {
    const std::vector<double> got =
        recipe::effective_number_weights(classes_of(Sheet::need(c, "samples")), Sheet::need(c, "beta"));
    sheet.numbers("class_balanced_weight", at::tensor(got, at::kDouble), Sheet::need(c, "weight"));
  }
}

/// Elastic's COCO losses: the sum over classes while training, their mean while validating.
void elastic_bce(Sheet& sheet) {
  const at::Tensor by_size = input_of(sheet.at("target")), any = at::amax(by_size, {1});
  sheet.equal("ones", by_size.sum().item<std::int64_t>(), sheet.at("target").value("ones", json()));
  sheet.equal("ones_any_size", any.sum().item<std::int64_t>(), sheet.at("target").value("ones_any_size", json()));
  const at::Tensor logits = leaf(sheet.at("logits"));
  const at::Tensor train = tasks::binary_cross_entropy(logits, any, {.sum_classes = true}).mean();
  sheet.near("loss_train", train.item<double>(), sheet.at("loss_train"));
  sheet.near("loss_validate", tasks::binary_cross_entropy(logits, any).mean().item<double>(),
             sheet.at("loss_validate"));
  const at::Tensor labels = any.to(at::kByte);
  const auto scale80 = static_cast<double>(labels.size(1)), rows = static_cast<double>(labels.size(0));
  sheet.near("as labels", tasks::label_loss_sum(logits, labels, scale80).item<double>() / rows, sheet.at("loss_train"));
  train.backward();
  const at::Tensor gradient = logits.grad();
  sheet.numbers("gradient", gradient, sheet.at("gradient"));
  sheet.near("gradient_l2", gradient.norm().item<double>(), sheet.at("gradient_l2"));
  sheet.near("gradient_sum", gradient.sum().item<double>(), sheet.at("gradient_sum"));
  const at::Tensor narrow = logits.detach().to(at::kFloat).requires_grad_();
  const at::Tensor narrow_loss = tasks::binary_cross_entropy(narrow, any.to(at::kFloat), {.sum_classes = true}).mean();
  narrow_loss.backward();
  const double scale = sheet.at("loss_train_float32");
  sheet.near("loss_train_float32", narrow_loss.item<double>(), scale, 1e-6, scale);
  const double error = at::sub(narrow.grad().to(at::kDouble), gradient).abs().max().item<double>();
  sheet.expect(error <= 4 * sheet.at("gradient_float32_max_abs_error").get<double>(),
               "float32's gradient is off by more than four times the original's");
}

}  // namespace

std::vector<Kind> loss_kinds() {
  std::vector<Kind> kinds{
      {"nn/loss.py", "LabelSmoothingLoss", {"cases"}, label_smoothing},
      {"nn/loss.py", "SigmoidCrossEntropy", {"cases", "logits", "targets"}, sigmoid_losses},
      {"multilabel_classify.py", "train_multi", {"logits", "target", "loss_train"}, elastic_bce},
  };
  for (const auto& part : {embedding_kinds(), mixture_kinds(), loop_kinds()}) {
    kinds.insert(kinds.end(), part.begin(), part.end());
  }
  return kinds;
}

}  // namespace springbok::golden
