// Predictions as files.
#include "springbok/metrics/prediction.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
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
  const std::vector<Prediction> rows = {Ranked{"a.png", "cat", {{"cat", 0.75}, {"dog", 0.25}}},
                                        Labelled{"b.png", {"cat", "sofa"}, {{"cat", 0.9}, {"dog", 0.1}}},
                                        Painted{"c.png", "masks/c.png"}};
  write_predictions(folder / "p.json", rows);
  const std::vector<Prediction> back = read_predictions(folder / "p.json");
  ASSERT_EQ(back.size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(to_json(back[i]), to_json(rows[i]));
  EXPECT_EQ(back[1].index(), rows[1].index());
}

}  // namespace
}  // namespace springbok::metrics
