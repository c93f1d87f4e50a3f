// Every schedule equals PyTorch's, step by step (fixtures/make_schedules.py).
#include "springbok/recipe/schedule.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "springbok/base/choice.h"

namespace springbok::recipe {
namespace {

nlohmann::json fixture() {
  nlohmann::json json;
  std::ifstream(SPRINGBOK_SOURCE_DIR "/tests/recipe/fixtures/schedules.json") >> json;
  return json;
}

Schedule schedule_from(const nlohmann::json& document, const nlohmann::json& settings) {
  const Schedule plain;
  return {.kind = find_choice<ScheduleKind>(settings["kind"], schedule_kinds()).value(),
          .lr = document["lr"],
          .final_lr = settings.value("final_lr", 0.0),
          .gamma = settings.value("gamma", plain.gamma),
          .power = settings.value("power", plain.power),
          .step_epochs = settings.value("step_epochs", std::vector<double>{}),
          .warmup_steps = settings["warmup_steps"],
          .warmup_lr = settings["warmup_lr"],
          .total_steps = document["total_steps"],
          .steps_per_epoch = document["steps_per_epoch"]};
}

TEST(Schedule, EqualsPyTorchs) {
  const nlohmann::json document = fixture();
  for (const auto& row : document["cases"]) {
    const Schedule schedule = schedule_from(document, row["settings"]);
    for (std::size_t step = 0; step < row["rates"].size(); ++step) {
      const double expected = row["rates"][step];
      EXPECT_NEAR(learning_rate(schedule, static_cast<std::int64_t>(step)), expected, 1e-12)
          << row["name"] << ", step " << step;
    }
  }
}

TEST(Schedule, EveryKindHasACase) {
  const nlohmann::json document = fixture();
  for (const std::string& kind : schedule_kinds()) {
    const auto& rows = document["cases"];
    EXPECT_TRUE(std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return row["settings"]["kind"] == kind; }))
        << kind;
  }
}

TEST(Schedule, StaysAtTheLastValuePastTheEnd) {
  const Schedule cosine{.lr = 1, .final_lr = 0.25, .total_steps = 8};
  EXPECT_DOUBLE_EQ(learning_rate(cosine, 8), 0.25);
  EXPECT_DOUBLE_EQ(learning_rate(cosine, 100), 0.25);
}

}  // namespace
}  // namespace springbok::recipe
