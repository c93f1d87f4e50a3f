// Which output scores which class: the numbers are torchvision's, whose outputs stand in the order of the synsets.
#include "springbok/model/output_match.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "springbok/base/error.h"
#include "springbok/zoo/imagenet.h"
#include "tests/support/message_of.h"

namespace springbok::model {
namespace {

using testing::message_of;
using Names = std::vector<std::string>;
using Numbers = std::vector<std::int64_t>;

/// One sample of each class whose name does not begin with '-'.
class Named : public data::Source {
 public:
  explicit Named(Names classes) : classes_(std::move(classes)) {
    for (std::size_t i = 0; i < classes_.size(); ++i) {
      if (!classes_[i].starts_with('-')) targets_.push_back(static_cast<std::int64_t>(i));
    }
  }
  std::int64_t size() const override { return std::ssize(targets_); }
  const Names& classes() const override { return classes_; }
  int channels() const override { return 3; }
  image::Image image(std::int64_t, int channels) const override { return {1, 1, channels}; }
  std::int64_t target(std::int64_t index) const override { return targets_[static_cast<std::size_t>(index)]; }
  std::string name(std::int64_t) const override { return "x"; }
  std::string description() const override { return "made up"; }
  std::string digest() const override { return ""; }

 private:
  Names classes_;
  Numbers targets_;
};

OutputMatch imagenet(const Names& classes) {
  return match_outputs(Named(classes), {zoo::imagenet_classes(), true, ""});
}

OutputMatch matched(const Names& classes, const Names& outputs, bool assumed = false, const std::string& file = "") {
  return match_outputs(Named(classes), {outputs, assumed, file});
}

TEST(OutputMatch, KnowsImageNetsFolders) {
  const OutputMatch match = imagenet({"n01440764", "n02102040", "n02979186", "n03000684", "n03028079", "n03394916",
                                      "n03417042", "n03425413", "n03445777", "n03888257"});
  EXPECT_EQ(match.outputs, (Numbers{0, 217, 482, 491, 497, 566, 569, 571, 574, 701}));
  EXPECT_EQ(match.by, "synset");
  EXPECT_EQ(to_text(match, {zoo::imagenet_classes(), true, ""}), "classes: 10 of 1,000 outputs, matched by synset");
  Names all;
  for (const zoo::Synset& each : zoo::imagenet_synsets()) all.push_back(each.id);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
  const OutputMatch whole = imagenet(all);
  for (std::int64_t i = 0; i < 1000; ++i) EXPECT_EQ(whole.outputs[static_cast<std::size_t>(i)], i);
}

TEST(OutputMatch, KnowsOtherNamesOfImageNets) {
  EXPECT_EQ(imagenet({"tench", "English springer"}).by, "name");
  EXPECT_EQ(imagenet({"tench", "n02102040"}).by, "name and synset");
  EXPECT_EQ(imagenet({"tench, Tinca tinca", "English springer, English springer spaniel", "great_white_shark"}).outputs,
            (Numbers{0, 217, 2}));
  // Two classes whose names differ by case, two pairs that WordNet calls alike.
  EXPECT_EQ(imagenet({"Cardigan", "cardigan", "crane bird", "crane", "maillot", "maillot tank suit"}).outputs,
            (Numbers{264, 474, 134, 517, 638, 639}));
  const OutputMatch crane = imagenet({"crane"});
  ASSERT_EQ(crane.warnings.size(), 1U);
  EXPECT_EQ(crane.warnings[0],
            "the class 'crane' is taken as n03126707, torchvision's 'crane'; WordNet's n02012849 ('crane bird') is "
            "called so too: name the folder by synset to be sure");
  EXPECT_EQ(message_of<Error>([] { imagenet({"panda"}); }),
            "made up: the class 'panda' can be output 387 (lesser panda) or 388 (giant panda); name it by its synset, "
            "n02509815 or n02510455");
  EXPECT_EQ(message_of<Error>([] {
              imagenet({"n01440764", "tench"});
            }),
            "made up: the classes 'n01440764' and 'tench' are both output 0 (tench); make one of them");
}

TEST(OutputMatch, KnowsANetOfSynsetsToo) {
  const Names outputs{"n03888257", "n01440764"};
  EXPECT_EQ(matched({"tench", "parachute"}, outputs).outputs, (Numbers{1, 0}));
  EXPECT_EQ(matched({"n01440764"}, {"parachute", "tench"}).outputs, (Numbers{1}));
  EXPECT_THROW(matched({"n02102040"}, outputs), Error);
}

TEST(OutputMatch, TakesIndicesOnlyOfASetOfThem) {
  const OutputMatch match = imagenet({"0", "217", "701"});
  EXPECT_EQ(match.outputs, (Numbers{0, 217, 701}));
  EXPECT_EQ(match.by, "index");
  EXPECT_EQ(imagenet({"000", "007"}).outputs, (Numbers{0, 7}));
  EXPECT_EQ(matched({"0", "1"}, {"dusk", "noon"}).by, "index");
  EXPECT_EQ(message_of<Error>([] {
              imagenet({"1", "1000"});
            }),
            "made up: class 1000 is no index of the 1,000 outputs, which count from 0");
  EXPECT_EQ(message_of<Error>([] {
              imagenet({"1", "tench"});
            }).substr(0, 58),
            "made up: 1 of 2 classes are unknown to the model: 1 (it ha");
  EXPECT_EQ(message_of<Error>([] {
              matched({"1", "01"}, {"dusk", "noon"});
            }),
            "made up: the classes '1' and '01' are both output 1 (noon); make one of them");
  // A net of numbers that do not count from 0 has names.
  EXPECT_EQ(matched({"10", "2"}, {"1", "10", "2"}).outputs, (Numbers{1, 2}));
  EXPECT_THROW(matched({"0"}, {"1", "10", "2"}), Error);
}

TEST(OutputMatch, TakesTheOrderWhereNothingIsNamed) {
  const OutputMatch match = matched({"dusk", "night", "noon"}, {"0", "1", "2"}, true);
  EXPECT_EQ(match.outputs, (Numbers{0, 1, 2}));
  EXPECT_EQ(match.by, "order");
  ASSERT_EQ(match.warnings.size(), 1U);
  EXPECT_EQ(match.warnings[0],
            "the weights name no classes: the 3 outputs are taken for the data's classes in their order (dusk, night, "
            "noon); give --classes FILE with one name a line to be sure");
  EXPECT_THROW(matched({"dusk", "night"}, {"0", "1", "2"}, true), Error);           // which two?
  EXPECT_THROW(matched({"dusk", "night", "noon"}, {"a", "b", "c"}, false), Error);  // these have names
  EXPECT_EQ(matched({"2", "0", "1"}, {"0", "1", "2"}, true).by, "name");
  EXPECT_EQ(matched({"noon"}, {"noon", "dusk"}, false, "my.txt").by, "file");
}

TEST(OutputMatch, SaysThatFoldersOfNumbersMayHaveBeenCountedByTheirOrder) {
  const Names folders{"0", "1", "10", "11", "2", "3", "4", "5", "6", "7", "8", "9"};
  Names outputs;
  for (int i = 0; i < 12; ++i) outputs.push_back(std::to_string(i));
  const OutputMatch match = matched(folders, outputs, true);
  EXPECT_EQ(match.outputs[2], 10);
  ASSERT_EQ(match.warnings.size(), 1U);
  EXPECT_EQ(match.warnings[0],
            "the weights name no classes: '10' is taken for output 10; of a network that was trained on these folders "
            "by their order it is output 2: then give --classes FILE with their names in that order");
  EXPECT_TRUE(matched(folders, folders, false).warnings.empty());
}

TEST(OutputMatch, LeavesClassesWithoutImagesOut) {
  EXPECT_EQ(matched({"noon", "-unknown"}, {"dusk", "noon"}).outputs, (Numbers{1, -1}));
  EXPECT_EQ(matched({"noon", "-unknown"}, {"dusk", "noon"}).classes, 1);
}

}  // namespace
}  // namespace springbok::model
