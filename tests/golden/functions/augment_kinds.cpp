// The kinds of golden files of augmentation, and those of its policies and operations.
#include <algorithm>
#include <map>

#include "springbok/base/error.h"
#include "springbok/data/augment/policy.h"
#include "springbok/image/tone.h"
#include "tests/golden/functions/image_sheet.h"

namespace springbok::golden {

using data::Op;
using data::OpForm;
using data::OpStep;
using data::PolicyKind;
using nlohmann::json;

namespace {

constexpr int kLevels = 10, kRandLevels = 31;

/// The operation of torchvision's name. Throws Error for another.
Op op_named(const std::string& name) {
  for (int i = 0; i <= static_cast<int>(Op::solarise_add); ++i) {
    if (name == data::op_name(static_cast<Op>(i))) return static_cast<Op>(i);
  }
  fail("operation {}", name);
}

bool has_levels(Op op) {
  return data::is_signed(op) || op == Op::posterise || op == Op::solarise;
}

/// Of torch-toolbox: rotations have no sign.
bool is_signed_there(Op op) {
  return data::is_signed(op) && op != Op::rotate;
}

PolicyKind kind_named(const std::string& name) {
  if (name.find("CIFAR10") != std::string::npos) return PolicyKind::toolbox_cifar10;
  if (name.find("SVHN") != std::string::npos) return PolicyKind::toolbox_svhn;
  if (name.find("ImageNet") != std::string::npos) return PolicyKind::toolbox_imagenet;
  fail("policy {}", name);
}

void compare_sub_op(Sheet& sheet, const std::string& what, const data::SubOp& ours, const json& theirs) {
  sheet.equal(what, data::op_name(ours.op), theirs[0]);
  sheet.near(what + ": probability", ours.probability, theirs[1]);
  sheet.equal(what + ": has a magnitude", has_levels(ours.op), !theirs[2].is_null());
  if (!theirs[2].is_null() && ours.level >= 0)
    sheet.near(what + ": magnitude", data::toolbox_magnitude(ours.op, ours.level), theirs[2]);
}

void apply_steps(image::Image& image, const std::vector<OpStep>& steps) {
  for (const OpStep& step : steps) data::apply(image, step, {.form = OpForm::toolbox});
}

}  // namespace

void check_policies(Sheet& sheet) {
  for (const auto& [name, policy] : sheet.at("policies").items()) {
    const auto ours = data::sub_policies(kind_named(name));
    sheet.equal(name + ": sub-policies", ours.size(), policy["count"]);
    for (std::size_t i = 0; i < std::min(ours.size(), policy["sub_policies"].size()); ++i) {
      const json& theirs = policy["sub_policies"][i];
      compare_sub_op(sheet, format("{} {}, first", name, i), ours[i].first, theirs[0]);
      compare_sub_op(sheet, format("{} {}, second", name, i), ours[i].second, theirs[1]);
    }
  }
}

namespace {

void compare_levels(Sheet& sheet, const json& row) {
  constexpr int kSide = 331;
  const Op op = op_named(row["op"]);
  const std::string what = row["op"];
  for (int level = 0; level < static_cast<int>(row["by_level"].size()); ++level) {
    sheet.near(format("{} at level {}", what, level), data::toolbox_magnitude(op, level), row["by_level"][level]);
    if (!row.contains("torchvision_by_level_at_331")) continue;
    const double ours = data::magnitude(PolicyKind::imagenet, op, level, kLevels, {kSide, kSide});
    sheet.near(format("torchvision's {} at level {}", what, level), ours, row["torchvision_by_level_at_331"][level],
               1e-7, 1 + std::abs(ours));
  }
  sheet.equal(what + ": has a sign", is_signed_there(op), !row["sign_drawn_from"].is_null());
  if (row.contains("torchvision_signed"))
    sheet.equal("torchvision's " + what + ": has a sign", data::is_signed(op), row["torchvision_signed"]);
}

void compare_rand_levels(Sheet& sheet, const json& row) {
  constexpr int kSide = 224;
  const Op op = op_named(row["op"]);
  const std::string what = row["op"];
  for (const auto& [m, value] : row["value_at"].items()) {
    sheet.near(format("RandAugment's {} at {}", what, m), data::toolbox_rand_magnitude(op, std::stoi(m)), value);
  }
  const json bins = row.value("torchvision_31_bins_at_224", json::object());
  for (const auto& [m, value] : bins.items()) {
    if (m == "signed") {
      sheet.equal("torchvision's RandAugment, " + what + ": has a sign", data::is_signed(op), value);
      continue;
    }
    const double ours = data::magnitude(PolicyKind::rand, op, std::stoi(m), kRandLevels, {kSide, kSide});
    sheet.near(format("torchvision's RandAugment, {} at {}", what, m), ours, value, 1e-7, 1 + std::abs(ours));
  }
}

}  // namespace

void check_magnitudes(Sheet& sheet) {
  for (const json& row : sheet.file.value("autoaugment", json::array())) compare_levels(sheet, row);
  std::vector<std::string> ops, theirs;
  for (const json& row : sheet.file.value("randaugment", json::array())) {
    compare_rand_levels(sheet, row);
    theirs.push_back(row["op"]);
  }
  for (const Op op : data::toolbox_rand_ops()) ops.emplace_back(data::op_name(op));
  if (!theirs.empty()) sheet.equal("RandAugment's operations", ops, theirs);
}

namespace {

/// A row of one operation: by level of a table, by m of RandAugment, or by a magnitude alone.
void compare_op(Sheet& sheet, const json& row) {
  const std::string name = row["op"];
  const std::string what = format("{} {} {} {}", row.value("image", ""), name, row.value("magnitude", json()).dump(),
                                  row.value("sign", json()).dump());
  if (row.contains("fails")) return;  // what Pillow refuses
  image::Image image = image_of(sheet, row);
  const Op op = op_named(name);
  if (row.contains("level") && has_levels(op))
    sheet.near(what + ": magnitude", data::toolbox_magnitude(op, row["level"]), row["magnitude"]);
  if (row.contains("m")) sheet.near(what + ": magnitude", data::toolbox_rand_magnitude(op, row["m"]), row["magnitude"]);
  const double sign = row.value("sign", json()).is_number() ? row["sign"].get<double>() : 1;
  apply_steps(image, {{op, sign * row.value("magnitude", 0.0)}});
  compare_image(sheet, what, image, row);
}

}  // namespace

void check_ops(Sheet& sheet) {
  compare_images(sheet);
  for (const json& row : sheet.at("rows")) compare_op(sheet, row);
  for (const json& row : sheet.file.value("solarize_add", json::array())) {
    image::Image image = image_of(sheet, row);
    image::add_and_solarise(image, row["addition"], row["threshold"]);
    compare_image(sheet, format("SolarizeAdd {} {}", row["addition"].dump(), row["threshold"].dump()), image, row);
  }
}

namespace {

/// Every operation with a probability above 0 is applied, all signs are equal.
class Forced : public data::Answers {
 public:
  Forced(std::uint64_t sub_policy, bool positive) : sub_policy_(sub_policy), positive_(positive) {}
  double unit() override { return 0; }
  double between(double low, double) override { return low; }
  std::uint64_t below(std::uint64_t bound) override { return bound == 2 ? positive_ : sub_policy_; }
  double normal() override { return 0; }

 private:
  std::uint64_t sub_policy_;
  bool positive_;
};

std::string policy_named(const Sheet& sheet, const json& row) {
  return row.contains("policy") ? row["policy"].get<std::string>() : sheet.at("source").dump();
}

}  // namespace

void check_policy_runs(Sheet& sheet) {
  compare_images(sheet);
  for (const json& row : sheet.file.value("runs", json::array())) {
    image::Image image = image_of(sheet, row);
    Listed answers(sheet, format("run {}", row["run"].dump()), row["draws"]);
    const data::Policy policy{.kind = kind_named(policy_named(sheet, row))};
    data::augment(image, policy, data::Draws(answers));
    answers.expect_used();
    compare_image(sheet, format("run {}", row["run"].dump()), image, row);
  }
  for (const json& row : sheet.file.value("forced", json::array())) {
    image::Image image = image_of(sheet, row);
    Forced answers(row["sub_policy"], row["sign"].is_number() && row["sign"].get<int>() > 0);
    data::augment(image, {.kind = kind_named(policy_named(sheet, row))}, data::Draws(answers));
    compare_image(sheet, format("sub-policy {} {}", row["sub_policy"].dump(), row["sign"].dump()), image, row);
  }
}

void check_rand_augment_runs(Sheet& sheet) {
  compare_images(sheet);
  for (const json& group : sheet.at("cases")) {
    const data::Policy policy{.kind = PolicyKind::toolbox_rand,
                              .ops = group["n"],
                              .magnitude = group["m"],
                              .probability = group.value("p", 1.0)};
    for (const json& row : group["runs"]) {
      if (row.contains("fails")) continue;  // what Pillow refuses
      image::Image image = image_of(sheet, row);
      const std::string what = format("n {} m {} run {}", policy.ops, policy.magnitude, row["run"].dump());
      Listed answers(sheet, what, row["draws"]);
      data::augment(image, policy, data::Draws(answers));
      answers.expect_used();
      compare_image(sheet, what, image, row);
    }
  }
}

std::vector<Kind> augment_kinds() {
  return {{"autoaugment.py", "Policy", {"policies"}, check_policies},
          {"autoaugment.py", "", {"autoaugment"}, check_magnitudes},
          {"autoaugment.py", "", {"randaugment"}, check_magnitudes},
          {"autoaugment.py", "", {"rows", "images"}, check_ops},
          {"autoaugment.py", "Policy", {"runs", "images"}, check_policy_runs},
          {"autoaugment.py", "Policy", {"forced", "images"}, check_policy_runs},
          {"autoaugment.py", "RandAugment", {"cases", "images"}, check_rand_augment_runs},
          {"transforms.py", "Cutout", {"cases", "images"}, check_cutout},
          {"transforms.py", "RandomErasing", {"cases", "input"}, check_erasing},
          {"train_script.py", "RandomRotation", {"rows", "images"}, check_rotation},
          {"train_script.py", "train_transform", {"cases", "images"}, check_train_transform},
          {"train_script.py", "train_transform", {"crop_parameters"}, check_train_transform},
          {"classify.py", "main", {"images", "transforms"}, check_elastic_evaluation}};
}

}  // namespace springbok::golden
