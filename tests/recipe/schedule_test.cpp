// Every schedule equals PyTorch's or timm's, step by step (fixtures/make_schedules.py).
#include "springbok/recipe/schedule.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "springbok/base/choice.h"
#include "springbok/recipe/curve.h"

namespace springbok::recipe {
namespace {

nlohmann::json fixture() {
  nlohmann::json json;
  std::ifstream(SPRINGBOK_SOURCE_DIR "/tests/recipe/fixtures/schedules.json") >> json;
  return json;
}

template <class Choice>
Choice choice_of(const nlohmann::json& settings, const char* key, const std::vector<std::string>& names) {
  return find_choice<Choice>(settings.value(key, names.front()), names).value();
}

Schedule schedule_from(const nlohmann::json& document, const nlohmann::json& settings) {
  const Schedule plain;
  return {.kind = choice_of<ScheduleKind>(settings, "kind", schedule_kinds()),
          .lr = document["lr"],
          .final_lr = settings.value("final_lr", 0.0),
          .gamma = settings.value("gamma", plain.gamma),
          .power = settings.value("power", plain.power),
          .step_epochs = settings.value("step_epochs", std::vector<double>{}),
          .warmup_steps = settings["warmup_steps"],
          .warmup_lr = settings["warmup_lr"],
          .total_steps = document["total_steps"],
          .steps_per_epoch = document["steps_per_epoch"],
          .warmup = choice_of<Warmup>(settings, "warmup", warmup_names()),
          .warmup_prefix = settings.value("warmup_prefix", true),
          .per = choice_of<RatePer>(settings, "rate_per", rate_per_names()),
          .cycles = {.epochs = settings.value("cycle_epochs", 0.0),
                     .mul = settings.value("cycle_mul", 1.0),
                     .decay = settings.value("cycle_decay", 1.0),
                     .limit = settings.value("cycle_limit", std::int64_t{0})},
          .onecycle = {.up = settings.value("up", plain.onecycle.up),
                       .div = settings.value("div", plain.onecycle.div),
                       .final_div = settings.value("final_div", plain.onecycle.final_div),
                       .anneal = choice_of<Anneal>(settings, "anneal", anneal_names()),
                       .three_phase = settings.value("three_phase", false),
                       .base_momentum = settings.value("base", plain.onecycle.base_momentum),
                       .max_momentum = settings.value("max", plain.onecycle.max_momentum)}};
}

/// The rates of a run; `swa` is [first epoch, epochs of the way, rate].
Curve curve_from(const nlohmann::json& document, const nlohmann::json& settings) {
  const Schedule schedule = schedule_from(document, settings);
  if (!settings.contains("swa")) return curve_of(schedule);
  const nlohmann::json& swa = settings["swa"];
  return annealing_to(swa[2], curve_of(schedule), swa[0], swa[1], schedule.steps_per_epoch);
}

TEST(Schedule, EqualsPyTorchs) {
  const nlohmann::json document = fixture();
  for (const auto& row : document["cases"]) {
    const Curve rate = curve_from(document, row["settings"]);
    for (std::size_t step = 0; step < row["rates"].size(); ++step) {
      const double expected = row["rates"][step];
      EXPECT_NEAR(rate(static_cast<std::int64_t>(step)), expected, 1e-12) << row["name"] << ", step " << step;
    }
  }
}

/// One cycle moves momentum against the rate.
TEST(Schedule, MomentumEqualsPyTorchs) {
  const nlohmann::json document = fixture();
  int cycles = 0;
  for (const auto& row : document["cases"]) {
    Schedule schedule = schedule_from(document, row["settings"]);
    EXPECT_EQ(momentum_at(schedule, 0).has_value(), row.contains("momenta")) << row["name"];
    if (!row.contains("momenta")) continue;
    ++cycles;
    for (std::size_t step = 0; step < row["momenta"].size(); ++step) {
      EXPECT_NEAR(momentum_at(schedule, static_cast<std::int64_t>(step)).value(), row["momenta"][step].get<double>(),
                  1e-12)
          << row["name"] << ", step " << step;
    }
    schedule.onecycle.cycle_momentum = false;
    EXPECT_FALSE(momentum_at(schedule, 0).has_value());
  }
  EXPECT_EQ(cycles, 5);
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
