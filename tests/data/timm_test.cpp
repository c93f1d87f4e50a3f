// timm's RandAugment and RandomErasing, given its random answers (fixtures/make_timm.py).
#include <gtest/gtest.h>

#include <regex>

#include "springbok/data/augment/erase.h"
#include "springbok/data/augment/policy.h"
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

double number_in(const std::string& config, const std::string& key, double otherwise) {
  std::smatch found;
  return std::regex_search(config, found, std::regex("-" + key + "([0-9.]+)")) ? std::stod(found[1]) : otherwise;
}

std::vector<json> rows_of(const std::string& kind) {
  std::vector<json> rows;
  for (const json& row : fixture_rows("timm_rand.json")) {
    if (row["kind"] == kind) rows.push_back(row);
  }
  EXPECT_GE(rows.size(), 12U);
  return rows;
}

TEST(Timm, RandAugmentGivesItsPixels) {
  for (const json& row : rows_of("policy")) {
    const std::string config = row["config"];
    const Policy policy{.kind = PolicyKind::timm_rand,
                        .ops = static_cast<int>(number_in(config, "n", 2)),
                        .magnitude = static_cast<int>(number_in(config, "m", 10)),
                        .probability = number_in(config, "p", 0.5),
                        .deviation = number_in(config, "mstd", 0),
                        .fill = {124, 116, 104}};
    image::Image image = picture(row["size"][0], row["size"][1], 3);
    Scripted answers(row["draws"]);
    augment(image, policy, Draws(answers));
    EXPECT_EQ(sha256(std::as_bytes(std::span(image.pixels))), row["sha256"].get<std::string>()) << row;
  }
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
