// The kinds of golden files of schedules.
#include <ATen/ops/tensor.h>

#include "springbok/base/error.h"
#include "springbok/recipe/curve.h"
#include "springbok/recipe/schedule.h"
#include "springbok/train/optim/param_group.h"
#include "tests/golden/functions/learning_kinds.h"

namespace springbok::golden {
namespace {

using nlohmann::json;
using recipe::Schedule;
using recipe::ScheduleKind;

/// A curve's values from a step on.
at::Tensor rates(const recipe::Curve& curve, std::int64_t from, std::size_t count) {
  std::vector<double> values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(curve(from + static_cast<std::int64_t>(i)));
  return at::tensor(values, at::kDouble);
}

Schedule cosine_of(const json& the_case, ScheduleKind kind) {
  const std::int64_t batches = Sheet::need(the_case, "batches"), epochs = Sheet::need(the_case, "epochs");
  return {.kind = kind,
          .lr = the_case.value("base_lr", 0.1),
          .final_lr = the_case.value("target_lr", 0.0),
          .warmup_steps = the_case.value("warmup_epochs", std::int64_t{0}) * batches,
          .warmup_lr = the_case.value("warmup_lr", 0.0),
          .total_steps = epochs * batches,
          .steps_per_epoch = batches};
}

void check_cosine_state(Sheet& sheet, const json& state, const Schedule& schedule) {
  const std::int64_t position = Sheet::need(state, "last_iter");
  sheet.near("state: learning_rate", learning_rate(schedule, position - 1), Sheet::need(state, "learning_rate"));
  sheet.equal("state: total_iters", schedule.total_steps, Sheet::need(state, "total_iters"));
  sheet.equal("state: total_warmup_iters", schedule.warmup_steps, Sheet::need(state, "total_warmup_iters"));
}

void check_cosine_warmup(Sheet& sheet) {
  for (const json& the_case : sheet.at("cases")) {
    const Schedule schedule = cosine_of(the_case, ScheduleKind::toolbox_cosine);
    const recipe::Curve curve = recipe::curve_of(schedule);
    const json& used = Sheet::need(the_case, "used_at_step");
    sheet.numbers("used_at_step", rates(curve, 0, used.size()), used);
    if (the_case.contains("fails_after_step")) continue;  // a warm-up as long as the run, which a recipe refuses
    const json& beyond = Sheet::need(the_case, "used_if_it_went_on");
    if (!beyond.empty()) sheet.numbers("used_if_it_went_on", rates(curve, schedule.total_steps, beyond.size()), beyond);
    if (the_case.contains("state")) check_cosine_state(sheet, the_case["state"], schedule);
  }
  if (!sheet.file.contains("resume")) return;
  // Going on from a step needs no state: its rate is that of the first case's run there.
  const json& resume = sheet.file["resume"];
  const Schedule schedule = cosine_of(sheet.at("cases").at(0), ScheduleKind::toolbox_cosine);
  sheet.near("resume: rate_after_construction", learning_rate(schedule, Sheet::need(resume, "last_iter")),
             Sheet::need(resume, "rate_after_construction"));
  constexpr std::int64_t kThird = 2;
  sheet.near("resume: rate_after_step_3", learning_rate(schedule, kThird), Sheet::need(resume, "rate_after_step_3"));
}

/// One rate a group; ours start at the group's own scale of one rate.
void check_cosine_lambda(Sheet& sheet, const json& part) {
  const json &bases = Sheet::need(part, "base_lrs"), &used = Sheet::need(part, "used_at_step");
  for (std::size_t group = 0; group < bases.size(); ++group) {
    Schedule schedule = cosine_of(part, ScheduleKind::cosine);
    schedule.lr = bases[group];
    json wanted = json::array();
    for (const json& row : used) wanted.push_back(row.at(group));
    sheet.numbers(format("cosine_lambda, group {}", group), rates(recipe::curve_of(schedule), 0, wanted.size()),
                  wanted);
    // Past the end it rises again, as CosineWarmupLr one step before; a recipe's cosine stays.
    const json& beyond = Sheet::need(part, "used_if_it_went_on");
    json risen = json::array();
    for (const json& row : beyond) risen.push_back(row.at(group));
    schedule.kind = ScheduleKind::toolbox_cosine;
    sheet.numbers(format("cosine_lambda, group {}: used_if_it_went_on", group),
                  rates(recipe::curve_of(schedule), schedule.total_steps - 1, risen.size()), risen);
  }
}

void check_layerwise(Sheet& sheet, const json& rows) {
  for (const json& row : rows) {
    std::vector<double> scaled = train::layer_scales(Sheet::need(row, "groups"), Sheet::need(row, "decay"));
    for (double& scale : scaled) scale *= Sheet::need(row, "top_lr").get<double>();
    sheet.numbers("layerwise", at::tensor(scaled, at::kDouble), Sheet::need(row, "lr"));
  }
}

void check_object_schedule(Sheet& sheet, const json& rows) {
  for (const json& row : rows) {
    const std::int64_t batches = Sheet::need(row, "batches");
    const std::int64_t start = Sheet::need(row, "start_epoch").get<std::int64_t>() * batches,
                       stop = Sheet::need(row, "stop_epoch").get<std::int64_t>() * batches;
    constexpr double kUntouched = -1;
    const recipe::Curve curve =
        recipe::then(recipe::constant(kUntouched), start,
                     recipe::linear(Sheet::need(row, "start_value"), Sheet::need(row, "stop_value"), stop - start));
    json wanted = json::array();
    for (const json& value : Sheet::need(row, "value_after_call")) {
      wanted.push_back(value.is_string() ? json(kUntouched) : value);
    }
    sheet.numbers("object_schedule", rates(curve, 0, wanted.size()), wanted);
  }
}

void check_other_schedules(Sheet& sheet) {
  for (const auto& [key, value] : sheet.file.items()) {
    if (key == "cosine_lambda") check_cosine_lambda(sheet, value);
    if (key == "layerwise") check_layerwise(sheet, value);
    if (key == "object_schedule") check_object_schedule(sheet, value);
  }
}

void check_drop_block_schedule(Sheet& sheet) {
  for (const json& the_case : sheet.at("cases")) {
    const std::int64_t batches = Sheet::need(the_case, "batches"), epochs = Sheet::need(the_case, "epochs");
    const double start = the_case.value("start_value", 0.1), stop = the_case.value("stop_value", 1.0);
    const recipe::Curve curve = recipe::endless_line(start, stop, batches * epochs);
    const json& wanted = Sheet::need(the_case, "p_after_call");
    sheet.numbers("p_after_call", rates(curve, 0, wanted.size()), wanted);
    // Within the run it is the line of the recipe's own ramp.
    const std::size_t within = std::min(wanted.size(), static_cast<std::size_t>(batches * epochs));
    const recipe::Curve ramp = recipe::linear(start, stop, batches * epochs);
    sheet.numbers("in the run", rates(ramp, 0, within),
                  json(std::vector<json>(wanted.begin(), wanted.begin() + static_cast<std::ptrdiff_t>(within))));
  }
}

/// Elastic's: every 30 epochs, or at 24 and 30; its COCO schedule leaves Adam's rate alone.
Schedule elastic_schedule(Sheet& sheet, const json& row) {
  constexpr int kEvery = 30;
  Schedule schedule{.kind = ScheduleKind::step,
                    .lr = Sheet::need(row, "base_lr"),
                    .total_steps = Sheet::need(row, "epochs"),
                    .per = recipe::RatePer::epoch};
  const std::string function = Sheet::need(row, "function");
  if (function == "adjust_learning_rate") {
    for (int epoch = kEvery; epoch < schedule.total_steps; epoch += kEvery) schedule.step_epochs.push_back(epoch);
  } else if (function == "coco_adjust_learning_rate") {
    schedule.step_epochs = {24, 30};
    if (row.value("optimizer", "") == "Adam") schedule.kind = ScheduleKind::constant;
  } else {
    sheet.unknown("schedule " + function);
  }
  return schedule;
}

void check_elastic_rates(Sheet& sheet) {
  for (const json& row : sheet.at("schedules")) {
    const Schedule schedule = elastic_schedule(sheet, row);
    for (const json& span : Sheet::need(row, "lr")) {
      for (std::int64_t epoch = span.at(0); epoch <= span.at(1); ++epoch) {
        sheet.near(format("epoch {}", epoch), learning_rate(schedule, epoch), span.at(2), 1e-12, number_of(span.at(2)));
      }
    }
  }
}

}  // namespace

std::vector<Kind> schedule_kinds_of_files() {
  return {{"lr_scheduler.py", "CosineWarmupLr", {"cases"}, check_cosine_warmup},
          {"lr_scheduler.py", "get_cosine_warmup_lr_scheduler", {}, check_other_schedules},
          {"lr_scheduler.py", "get_layerwise_decay_param_group", {}, check_other_schedules},
          {"drop_block_scheduler.py", "ObjectSchedule", {"object_schedule"}, check_other_schedules},
          {"drop", "DropBlockScheduler", {"cases"}, check_drop_block_schedule},
          {"classify.py", "adjust_learning_rate", {"schedules"}, check_elastic_rates}};
}

}  // namespace springbok::golden
