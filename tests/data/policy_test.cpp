// Policies, erasing: torchvision's results for the same random numbers, and draws that are what they say.
#include "springbok/data/augment/policy.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "springbok/base/choice.h"
#include "springbok/base/error.h"
#include "springbok/data/augment/erase.h"
#include "springbok/data/augment/transform.h"
#include "tests/data/support.h"
#include "tests/support/message_of.h"

namespace springbok::data {
namespace {

using nlohmann::json;

std::vector<json> rows_of(const std::string& kind) {
  std::vector<json> rows;
  for (const json& row : fixture_rows("policies.json")) {
    if (row["kind"] == kind) rows.push_back(row);
  }
  EXPECT_FALSE(rows.empty()) << kind;
  return rows;
}

image::Image picture_of(const json& row) {
  return picture(row["image"][0], row["image"][1], row["image"][2]);
}

std::string sha256_of(const image::Image& image) {
  return sha256(std::as_bytes(std::span(image.pixels)));
}

Op op_of(const std::string& name) {
  for (int i = 0; i <= static_cast<int>(Op::invert); ++i) {
    if (op_name(static_cast<Op>(i)) == name) return static_cast<Op>(i);
  }
  throw std::logic_error("no operation is called " + name);
}

PolicyKind policy_of(const std::string& name) {
  return find_choice<PolicyKind>(name, policy_names()).value();
}

OpStep step_of(const json& pair) {
  return {op_of(pair[0]), pair[1]};
}

TEST(Policy, TablesAreTorchvisions) {
  for (const json& row : rows_of("table")) {
    const auto table = sub_policies(policy_of(row["policy"]));
    ASSERT_EQ(table.size(), row["rows"].size());
    for (std::size_t i = 0; i < table.size(); ++i) {
      for (const auto& [sub, expected] :
           {std::pair(table[i].first, row["rows"][i][0]), {table[i].second, row["rows"][i][1]}}) {
        EXPECT_EQ(op_name(sub.op), expected[0].get<std::string>()) << row["policy"] << i;
        EXPECT_EQ(sub.probability, expected[1].get<double>()) << row["policy"] << i;
        EXPECT_EQ(sub.level, expected[2].get<int>()) << row["policy"] << i;
      }
    }
  }
}

// torch.linspace's last bit depends on the processor's vectors, so magnitudes equal to a part in a million.
TEST(Policy, MagnitudesAreTorchvisions) {
  for (const json& row : rows_of("magnitudes")) {
    for (int level = 0; level < row["levels"]; ++level) {
      const double expected = row["values"][static_cast<std::size_t>(level)];
      const double value =
          magnitude(policy_of(row["policy"]), op_of(row["op"]), level, row["levels"], {row["size"][0], row["size"][1]});
      EXPECT_NEAR(value, expected, 1e-6 * std::abs(expected)) << row << level;
    }
  }
}

TEST(Policy, StepsGiveTorchvisionsAndTorchToolboxsPixels) {
  int rows = 0;
  for (const json& row : rows_of("steps")) {
    image::Image image = picture_of(row);
    for (const json& step : row["steps"])
      apply(image, step_of(step), {.form = row["policy"] == "toolbox-rand" ? OpForm::toolbox : OpForm::torchvision});
    EXPECT_EQ(sha256_of(image), row["sha256"].get<std::string>()) << row;
    ++rows;
  }
  EXPECT_GE(rows, 300);
}

TEST(Policy, RotationIsTorchvisions) {
  for (const json& row : rows_of("rotation")) {
    image::Image image = picture_of(row);
    rotate(image, row["angle"]);
    EXPECT_EQ(sha256_of(image), row["sha256"].get<std::string>()) << row;
  }
}

TEST(Policy, AugMixMixesAsTorchvision) {
  for (const json& row : rows_of("augmix")) {
    AugMixChoice choice{.original = row["original"], .weights = row["weights"], .chains = {}};
    for (const json& chain : row["chains"]) {
      choice.chains.emplace_back();
      for (const json& step : chain) choice.chains.back().push_back(step_of(step));
    }
    EXPECT_EQ(sha256_of(augmix(picture_of(row), choice)), row["sha256"].get<std::string>()) << row;
  }
}

TEST(Policy, ErasingChoosesTorchvisionsSize) {
  for (const json& row : rows_of("erasing")) {
    const image::Size image{row["image"][0], row["image"][1]};
    image::Size erased = image;  // torchvision says so when nothing fits
    for (const json& each : row["tries"]) {
      if (const auto size = try_erasure(image, each[0], each[1])) {
        erased = *size;
        break;
      }
    }
    EXPECT_EQ(erased, (image::Size{row["erased"][0], row["erased"][1]})) << row;
  }
}

TEST(Policy, CutoutCutsTheSquareOfItsAuthors) {
  for (const json& row : rows_of("cutout")) {
    const image::Size image{row["image"][0], row["image"][1]};
    std::vector<float> mask(static_cast<std::size_t>(image.height) * image.width, 1.0F);
    erase(mask.data(), image, 1, cutout_at(image, row["length"], row["at"][0], row["at"][1]));
    EXPECT_EQ(sha256(std::as_bytes(std::span(mask))), row["sha256"].get<std::string>()) << row;
  }
}

std::vector<OpStep> steps(const Policy& policy, std::uint64_t seed) {
  Rng rng(seed, {7});
  return choose_steps(policy, {48, 64}, rng);
}

TEST(Policy, RandDrawsEveryOperationBothWays) {
  std::map<Op, std::set<double>> drawn;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const auto chosen = steps({.kind = PolicyKind::rand, .ops = 2, .magnitude = 9}, seed);
    ASSERT_EQ(chosen.size(), 2U);
    for (const OpStep& step : chosen) drawn[step.op].insert(step.magnitude);
  }
  EXPECT_EQ(drawn.size(), 14U);
  EXPECT_EQ(drawn.count(Op::invert), 0U);
  for (const auto& [op, magnitudes] : drawn) {
    const bool both = op >= Op::shear_x && op <= Op::sharpness;
    EXPECT_EQ(magnitudes.size(), both ? 2U : 1U) << op_name(op);
  }
}

TEST(Policy, TablesApplyTheirOperationsAsOftenAsTheySay) {
  // imagenet: the probabilities of all 50 operations sum to 30.8, so an image gets 30.8 / 25 on average.
  double sum = 0;
  for (const auto& [first, second] : sub_policies(PolicyKind::imagenet)) sum += first.probability + second.probability;
  std::size_t count = 0;
  constexpr std::uint64_t kImages = 4000;
  for (std::uint64_t seed = 0; seed < kImages; ++seed) count += steps({.kind = PolicyKind::imagenet}, seed).size();
  EXPECT_NEAR(static_cast<double>(count) / kImages, sum / 25, 0.05);
}

TEST(Policy, ToolboxRotatesOneWayAndTrivialDrawsManyLevels) {
  std::set<double> levels;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    for (const OpStep& step : steps({.kind = PolicyKind::toolbox_rand, .ops = 3}, seed)) {
      EXPECT_TRUE(step.op != Op::rotate || step.magnitude == 9);
    }
    for (const OpStep& step : steps({.kind = PolicyKind::trivial}, seed)) {
      if (step.op == Op::solarise) levels.insert(step.magnitude);
    }
  }
  EXPECT_GT(levels.size(), 20U);
}

TEST(Policy, AugMixWeightsSumToOne) {
  Rng rng(1, {});
  for (int i = 0; i < 50; ++i) {
    const AugMixChoice choice = choose_augmix(3, {20, 20}, rng);
    float sum = choice.original;
    for (const float weight : choice.weights) sum += weight;
    EXPECT_NEAR(sum, 1, 1e-5);
    EXPECT_EQ(choice.chains.size(), 3U);
    for (const auto& chain : choice.chains) EXPECT_TRUE(!chain.empty() && chain.size() <= 3);
  }
}

TEST(Policy, NamesStandInTheOrderOfTheKinds) {
  EXPECT_EQ(name_of(PolicyKind::none, policy_names()), "none");
  EXPECT_EQ(name_of(PolicyKind::augmix, policy_names()), "augmix");
  EXPECT_EQ(name_of(PolicyKind::toolbox_rand, policy_names()), "toolbox-rand");
  EXPECT_EQ(name_of(PolicyKind::timm_rand, policy_names()), "timm-rand");
  EXPECT_EQ(name_of(PolicyKind::timm_augmix, policy_names()), policy_names().back());
}

std::vector<float> floats_of(const Augment& augment, std::uint64_t sample) {
  const Transform transform({.size = 24}, augment);
  std::vector<float> floats(24 * 24 * 3);
  transform(picture(40, 50, 3), Rng(3, {0, sample}), floats.data());
  return floats;
}

TEST(Policy, TheTransformAppliesEveryPolicy) {
  for (const std::string& name : policy_names()) {
    int changed = 0;
    for (std::uint64_t sample = 0; sample < 30; ++sample) {
      const Augment augment{.policy = policy_of(name)};
      changed += floats_of(augment, sample) != floats_of({}, sample);
      EXPECT_EQ(floats_of(augment, sample), floats_of(augment, sample));
    }
    EXPECT_EQ(changed > 10, name != "none") << name << changed;
  }
}

TEST(Policy, TheTransformErasesAndCutsToTheMeanColour) {
  int erased = 0;
  for (std::uint64_t sample = 0; sample < 200; ++sample) {
    const auto plain = floats_of({}, sample), changed = floats_of({.random_erasing = 0.5}, sample);
    std::size_t zeros = 0;
    for (std::size_t i = 0; i < plain.size(); ++i) {
      zeros += changed[i] == 0 && plain[i] != 0;
      EXPECT_TRUE(changed[i] == plain[i] || changed[i] == 0);
    }
    erased += zeros > 0;
    EXPECT_LE(zeros, plain.size() * 40 / 100);
  }
  EXPECT_NEAR(erased, 100, 30);
  const auto cut = floats_of({.cutout = 100}, 0);
  EXPECT_EQ(std::count(cut.begin(), cut.end(), 0.0F), 24 * 24 * 3);
}

TEST(Policy, ValuesThatCannotBe) {
  const auto message = [](const Augment& augment) {
    return testing::message_of<UsageError>([&] { Transform({}, augment); });
  };
  EXPECT_EQ(message({.rand_magnitude = 31}), "augmentation: rand_magnitude: must be between 0 and 30, got 31");
  EXPECT_EQ(message({.random_erasing = 1.5}), "augmentation: random_erasing: must be between 0 and 1, got 1.5");
}

}  // namespace
}  // namespace springbok::data
