// Predictions as files.
#include "springbok/metrics/prediction.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/label_sizes.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"

namespace springbok::metrics {
namespace {

using springbok::testing::message_of;
using springbok::testing::TemporaryFolder;

TEST(Predictions, CsvQuotesNamesAndJsonLeavesOutUnknownTruth) {
  const std::vector<Prediction> rows = {Ranked{"a \"b\".png", "cat", {{"cat", 0.75}, {"dog", 0.25}}},
                                        Ranked{"c.png", "", {{"dog", 1}}}};
  EXPECT_EQ(predictions_csv(rows),
            "image,true,class1,probability1,class2,probability2\n"
            "\"a \"\"b\"\".png\",cat,cat,0.750000,dog,0.250000\n"
            "c.png,,dog,1.000000\n");
  EXPECT_EQ(to_json(rows[1]).dump(), R"({"image":"c.png","predictions":[{"class":"dog","probability":1.0}]})");
}

TEST(Predictions, AreWrittenWhateverTheNames) {
  const TemporaryFolder folder;
  write_predictions(folder / "p.json", {Ranked{"\xE9\n.png", "\xFF", {{"\x1B", 0.5}}}});
  const nlohmann::json row = nlohmann::json::parse(read_text(folder / "p.json"))[0];
  EXPECT_EQ(row["image"], "\\xE9\\x0A.png");
  EXPECT_EQ(row["true"], "\\xFF");
}

TEST(Predictions, AreWrittenByTheEndingOfTheFile) {
  const TemporaryFolder folder;
  const std::vector<Prediction> rows = {Ranked{"a.png", "cat", {{"cat", 0.5}}}};
  write_predictions(folder / "p.csv", rows);
  write_predictions(folder / "p.json", rows);
  EXPECT_EQ(read_text(folder / "p.csv"), predictions_csv(rows));
  EXPECT_EQ(nlohmann::json::parse(read_text(folder / "p.json"))[0]["true"], "cat");
  EXPECT_EQ(message_of<UsageError>([&] { write_predictions("p.txt", rows); }),
            "p.txt: predictions are written as .csv or .json; give it one of these endings");
}

TEST(Predictions, OfEveryTaskComeBackAsTheyWere) {
  const TemporaryFolder folder;
  const std::vector<Prediction> rows = {
      Ranked{"a.png", "cat", {{"cat", 0.75}, {"dog", 0.25}}},
      Labelled{"b.png", {"cat", "sofa"}, {{"cat", 0.9}, {"dog", 0.1}}},
      Labelled{"d.png", {"cat", "a"}, {{"cat", 0.9}}, {kSmall | kLarge, kUnsized}, 0.5},
      Labelled{"none.png", {}, {{"cat", 0.9}}, {}, 0.25},
      Labelled{"unknown.png", {}, {{"cat", 0.9}}},
      Painted{"c.png", "masks/c.png"},
      Painted{"e.png", "e", {{"cat", "cat", 3}, {"cat", "", 1}, {"dog", "cat", 2}}}};
  write_predictions(folder / "p.json", rows);
  const std::vector<Prediction> back = read_predictions(folder / "p.json");
  ASSERT_EQ(back.size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(to_json(back[i]), to_json(rows[i]));
  EXPECT_EQ(back[1].index(), rows[1].index());
  EXPECT_EQ(std::get<Labelled>(back[2]).sizes, (std::vector<std::uint8_t>{kSmall | kLarge, kUnsized}));
  EXPECT_TRUE(std::get<Labelled>(back[3]).known());
  EXPECT_FALSE(std::get<Labelled>(back[4]).known());
  EXPECT_NEAR(std::get<Painted>(back[6]).mean_iou(), (3.0 / 6 + 0) / 2, 1e-15);
  EXPECT_TRUE(std::isnan(std::get<Painted>(back[5]).mean_iou()));
  EXPECT_EQ(predictions_csv({rows[5], rows[6]}), "image,mask,mean_iou\nc.png,masks/c.png,\ne.png,e,25.0000\n");
}

TEST(Predictions, DamageIsSaidWithTheEntry) {
  const TemporaryFolder folder;
  const auto said = [&](const char* text) {
    write_file(folder / "p.json", text);
    return message_of<Error>([&] { read_predictions(folder / "p.json"); }).substr((folder / "p.json").string().size());
  };
  EXPECT_EQ(said(R"([{"image": "a", "labels": ["x"], "sizes": ["q"], "scores": [{"label": "x", "probability": 1}]}])"),
            ": entry 1: 'sizes' are made of s, m and l, not 'q'");
  EXPECT_EQ(said(R"([{"image": "a", "labels": ["x"], "sizes": [], "scores": [{"label": "x", "probability": 1}]}])"),
            ": entry 1: it has 0 'sizes' for 1 'labels'");
  EXPECT_EQ(said(R"([{"image": "a", "mask": "b", "pixels": [["x", "y", -1]]}])"),
            ": entry 1: 'pixels' are lists of two classes and a count");
}

}  // namespace
}  // namespace springbok::metrics
