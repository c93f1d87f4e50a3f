// timm's policies, RandomErasing and Mixup, given its random answers (fixtures/make_timm.py).
#include <gtest/gtest.h>

#include <set>

#include "springbok/base/option.h"
#include "springbok/data/augment/augment.h"
#include "springbok/data/augment/erase.h"
#include "springbok/data/augment/timm_text.h"
#include "springbok/data/load/mix.h"
#include "tests/data/made_batch.h"
#include "tests/data/support.h"

namespace springbok::data {
namespace {

using nlohmann::json;

/// The answers of a row, each asked for in its kind.
class Scripted : public Answers {
 public:
  explicit Scripted(json draws) : draws_(std::move(draws)) {}
  ~Scripted() override { EXPECT_EQ(next_, draws_.size()) << "answers that nobody asked for"; }
  double unit() override { return take("unit").back(); }
  double normal() override { return take("normal").back(); }
  double between(double low, double high) override {
    const json draw = take("between");
    EXPECT_NEAR(low, draw[1].get<double>(), 1e-12);
    EXPECT_NEAR(high, draw[2].get<double>(), 1e-12);
    return draw[3];
  }
  std::uint64_t below(std::uint64_t bound) override {
    const json draw = take("below");
    EXPECT_EQ(bound, draw[1].get<std::uint64_t>());
    return draw[2];
  }

 private:
  json take(const std::string& kind) {
    EXPECT_LT(next_, draws_.size());
    const json draw = draws_.at(next_++);
    EXPECT_EQ(draw[0], kind);
    return draw;
  }

  json draws_;
  std::size_t next_ = 0;
};

std::vector<json> rows_of(const std::string& kind) {
  std::vector<json> rows;
  for (const json& row : fixture_rows("timm_rand.json")) {
    if (row["kind"] == kind) rows.push_back(row);
  }
  EXPECT_GE(rows.size(), 12U);
  return rows;
}

/// The policy of a text of timm's, by way of the keys that it sets.
Policy policy_of(const std::string& config) {
  Augment augment;
  const Options options = option_table(augment);
  for (const auto& [key, value] : timm_augment(config, "config")) {
    set_option(*find_option(options, key), value, key);
  }
  return data::policy_of(augment, {124, 116, 104});
}

TEST(Timm, PoliciesGiveItsPixels) {
  std::set<PolicyKind> kinds;
  for (const json& row : rows_of("policy")) {
    const Policy policy = policy_of(row["config"]);
    kinds.insert(policy.kind);
    image::Image image = picture(row["size"][0], row["size"][1], 3);
    Scripted answers(row["draws"]);
    augment(image, policy, Draws(answers));
    EXPECT_EQ(sha256(std::as_bytes(std::span(image.pixels))), row["sha256"].get<std::string>()) << row;
  }
  EXPECT_EQ(kinds.size(), 7U);
}

/// Images that are mixed apart, by their own shares and boxes.
TEST(Timm, MixupOfElementsAndPairsGivesItsPixels) {
  int rows = 0;
  for (const json& row : fixture_rows("timm_rand.json")) {
    if (row["kind"] != "mixup") continue;
    ++rows;
    Batch batch = batch_of(row["batch"]);
    MixChoice choice;
    for (std::int64_t i = 0; i < batch.size; ++i) choice.partners.push_back(batch.size - 1 - i);
    choice.each.resize(static_cast<std::size_t>(batch.size));
    for (std::size_t i = 0; i < row["each"].size(); ++i) {
      const json& one = row["each"][i];
      ImageMix mix{.share = one["share"]};
      if (!one["box"].is_null()) {
        const int top = one["box"][0], bottom = one["box"][1], left = one["box"][2], right = one["box"][3];
        mix.box = image::Region{top, left, bottom - top, right - left};
      }
      choice.each[i] = mix;
      if (row["mode"] == "pair") choice.each[choice.each.size() - 1 - i] = mix;
    }
    const auto partners = mix(batch, choice);
    EXPECT_EQ(partners, choice.partners);  // of classes 0, 1, ...
    const auto expected = row["pixels"].get<std::vector<float>>();
    for (std::size_t i = 0; i < expected.size(); ++i)
      ASSERT_NEAR(batch.pixels[i], expected[i], 1e-6) << row["mode"] << i;
  }
  EXPECT_EQ(rows, 8);
}

TEST(Timm, RandomErasingErasesItsRegions) {
  for (const json& row : rows_of("erasing")) {
    const image::Size size{row["size"][0], row["size"][1]};
    std::vector<float> pixels(static_cast<std::size_t>(size.height) * size.width * 3, 1);
    Scripted answers(row["draws"]);
    erase_at_random(pixels.data(), size, 3, erasing_of(0.6, ErasingForm::timm, ErasingFill::mean), Draws(answers));
    json found = json::array();
    for (int i = 0; i < size.height * size.width; ++i) {
      if (pixels[static_cast<std::size_t>(i) * 3] != 0) continue;
      const int y = i / size.width, x = i % size.width;
      if (found.empty()) found = {y, x, y, x};
      found[2] = y, found[3] = x;
    }
    EXPECT_EQ(found, row["first_and_last"]) << row;
  }
}

}  // namespace
}  // namespace springbok::data
