// The kinds of golden files of Elastic's classification: rates by epoch.
#include "springbok/base/error.h"
#include "springbok/recipe/layers.h"
#include "tests/golden/functions/functions.h"

namespace springbok::golden {
namespace {

using nlohmann::json;

/// Elastic's step schedule as its recipe has it.
recipe::Recipe elastic_recipe() {
  recipe::Recipe recipe;
  recipe::Given given;
  recipe::read_recipe("elastic/imagenet", option_table(recipe), given);
  return recipe;
}

void check_rates(Sheet& sheet) {
  for (const json& each : sheet.at("schedules")) {
    recipe::Schedule schedule = elastic_recipe().rate;
    schedule.lr = number_of(Sheet::need(each, "base_lr"));
    schedule.total_steps = each.at("epochs").get<std::int64_t>();
    const auto function = each.at("function").get<std::string>();
    if (function == "coco_adjust_learning_rate") {
      schedule.step_epochs = {24, 30};
      if (each.value("optimizer", "") == "Adam") schedule.kind = recipe::ScheduleKind::constant;
    } else if (function != "adjust_learning_rate") {
      sheet.unknown("the schedule " + function);
      continue;
    }
    for (const json& span : Sheet::need(each, "lr")) {
      for (const std::int64_t epoch : {span.at(0).get<std::int64_t>(), span.at(1).get<std::int64_t>()}) {
        sheet.near(format("{} of {} in epoch {}", function, schedule.lr, epoch), learning_rate(schedule, epoch),
                   span.at(2), 1e-12, schedule.lr);
      }
    }
  }
}

}  // namespace

std::vector<Kind> elastic_kinds() {
  return {{"classify.py", "adjust_learning_rate", {"schedules", "lr_of"}, &check_rates}};
}

}  // namespace springbok::golden
