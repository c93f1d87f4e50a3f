// What a run folder holds is found or said, and never overwritten or removed.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "springbok/base/file.h"
#include "springbok/run/manifest.h"
#include "springbok/tensors/read.h"
#include "springbok/tensors/write.h"
#include "springbok/train/checkpoint.h"
#include "springbok/train/loop.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"
#include "tests/train/synthetic.h"

namespace springbok::train {
namespace {

namespace fs = std::filesystem;
using testing::message_of;
using testing::TemporaryFolder;

class FoundTest : public ::testing::Test {
 protected:
  recipe::Recipe recipe(const std::string& name) const {
    recipe::Recipe recipe = small_recipe(folder_ / name);
    recipe.epochs = 3;
    return recipe;
  }
  /// A run of three epochs, and its folder as it was after two.
  void SetUp() override {
    recipe::Recipe whole = recipe("whole");
    int epochs = 0;
    validation_.on_image = [&](std::int64_t index) {
      if (index != 0 || ++epochs != 3) return;
      while (last_epoch() < 2) std::this_thread::yield();  // its checkpoint is written beside the third epoch
      fs::copy(folder_ / "whole", folder_ / "part", fs::copy_options::recursive);
    };
    run(whole, training_, validation_);
    validation_.on_image = nullptr;
    fs::remove(folder_ / "part/lock");
    fs::remove(folder_ / "part/run.json");
  }
  Outcome resume(const std::string& name, const std::string& from = "auto", const recipe::Given& given = {}) {
    recipe::Recipe again = recipe(name);
    again.resume = from;
    told_.clear();
    return train(again, given, training_, validation_,
                 {.quiet = true, .say = [&](const std::string& line) { told_ += line + "\n"; }});
  }
  std::int64_t last_epoch() const {
    const auto last = run::CheckpointFolder(folder_ / "whole/checkpoints").last();
    return last ? last->epoch : 0;
  }
  std::string complaint(const std::string& name, const std::string& from = "") {
    return message_of<Error>([&] { resume(name, from); });
  }
  void expect_same_end(const std::string& name) const {
    EXPECT_EQ(read_file(folder_ / name / "weights.safetensors"), read_file(folder_ / "whole/weights.safetensors"));
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  static constexpr const char* kSecond = "part/checkpoints/epoch-0002-step-00000014.pt";
  TemporaryFolder folder_;
  Synthetic training_{50, 4}, validation_{22, 4, 2};
  std::string told_;
};

TEST_F(FoundTest, CheckpointsWithoutAManifestAreFound) {
  fs::remove(folder_ / "part/checkpoints/manifest.json");
  write_file(folder_ / "part/checkpoints/notes.pt", "no checkpoint");
  EXPECT_EQ(resume("part").ending, Ending::finished);
  EXPECT_NE(told_.find(format("warning: {}: is missing; found 2 checkpoints by opening what is there, the last after "
                              "step 14\nwarning: left as it is: {}",
                              path("part/checkpoints/manifest.json"), path("part/checkpoints/notes.pt"))),
            std::string::npos)
      << told_;
  expect_same_end("part");
  EXPECT_TRUE(fs::exists(folder_ / "part/checkpoints/epoch-0001-step-00000007.pt")) << "brought by the user";
  EXPECT_TRUE(fs::exists(folder_ / kSecond));
  EXPECT_EQ(read_text(folder_ / "part/checkpoints/notes.pt"), "no checkpoint");
}

TEST_F(FoundTest, AManifestThatIsNoneIsAsGoodAsMissing) {
  for (const char* text :
       {"null", "{", "{\"checkpoints\": null}", "{\"checkpoints\": []}", "[1]", "",
        "{\"checkpoints\": [{\"file\": \"../whole/checkpoints/x.pt\", \"sha256\": \"\", \"epoch\": 1, "
        "\"step\": 1, \"best\": true}]}",
        "{\"checkpoints\": [{\"file\": \"epoch-0002-step-00000014.pt\", \"sha256\": \"\", "
        "\"epoch\": 1.5, \"step\": -1, \"best\": true}]}"}) {
    const std::string name = "copy";
    fs::remove_all(folder_ / name);
    fs::copy(folder_ / "part", folder_ / name, fs::copy_options::recursive);
    write_file(folder_ / name / "checkpoints/manifest.json", text);
    EXPECT_NE(complaint(name).find("copy: holds "), std::string::npos) << text;
    EXPECT_EQ(resume(name).ending, Ending::finished) << text;
    expect_same_end(name);
  }
}

TEST_F(FoundTest, ALoneCheckpointFromElsewhereIsGoneOnFrom) {
  make_folder(folder_ / "copied/checkpoints");
  fs::copy(folder_ / kSecond, folder_ / "copied/checkpoints/mine.pt");
  EXPECT_EQ(complaint("copied"), path("copied") +
                                     ": holds checkpoints/mine.pt of a run; go on with --resume auto, or "
                                     "choose another --out");
  EXPECT_EQ(resume("copied").ending, Ending::finished);
  EXPECT_TRUE(fs::exists(folder_ / "copied/checkpoints/mine.pt"));
}

TEST_F(FoundTest, FilesThatTheManifestDoesNotListStay) {
  const std::string own = "part/checkpoints/epoch-0003-step-00000021.pt", best = "part/checkpoints/epoch-best.pt";
  write_file(folder_ / own, "a stranger under the next checkpoint's name");
  fs::copy(folder_ / kSecond, folder_ / best);
  EXPECT_EQ(resume("part").ending, Ending::finished);
  EXPECT_NE(
      told_.find("not listed in its manifest.json, and left as it is: epoch-0003-step-00000021.pt, epoch-best.pt"),
      std::string::npos)
      << told_;
  EXPECT_EQ(read_text(folder_ / own), "a stranger under the next checkpoint's name");
  EXPECT_TRUE(fs::exists(folder_ / best));
  expect_same_end("part");
}

TEST_F(FoundTest, WhatAFinishedRunLeftIsNeverOverwritten) {
  fs::copy(folder_ / "whole", folder_ / "copy", fs::copy_options::recursive);
  fs::remove_all(folder_ / "copy/checkpoints");
  EXPECT_EQ(complaint("copy"), path("copy") +
                                   ": holds run.json, log.jsonl, weights.safetensors of a run; go on with "
                                   "--resume auto, or choose another --out");
  EXPECT_EQ(complaint("copy", "auto"), path("copy") +
                                           ": holds a finished run whose checkpoints are gone; put them back, "
                                           "or choose another --out (--init " +
                                           path("copy/weights.safetensors") + " starts from its weights)");
  EXPECT_NE(complaint("copy", path(kSecond)).find("copy: holds run.json, log.jsonl"), std::string::npos);
  fs::remove(folder_ / "copy/weights.safetensors");
  fs::remove(folder_ / "copy/run.json");
  EXPECT_EQ(complaint("copy", "auto"),
            path("copy") + ": holds a run whose checkpoints are gone; put them back, or choose another --out");
  for (const char* name : {"whole", "part"}) {
    EXPECT_NE(complaint(name).find(": holds a run ("), std::string::npos);
  }
}

TEST_F(FoundTest, CheckpointsThatDoNotOpenAreNoReasonToStartAnew) {
  fs::remove(folder_ / "part/checkpoints/manifest.json");
  for (const char* name : {"epoch-0001-step-00000007.pt", "epoch-0002-step-00000014.pt"}) {
    fs::resize_file(folder_ / "part/checkpoints" / name, 5000);
  }
  EXPECT_NE(complaint("part", "auto").find("manifest.json: is missing; no checkpoint beside it opens: "),
            std::string::npos);
}

TEST_F(FoundTest, ResumeTakesARunsFolder) {
  for (const char* from : {"part", "part/checkpoints"}) {
    const std::string name = std::string("new-") + fs::path(from).filename().string();
    EXPECT_EQ(resume(name, path(from)).ending, Ending::finished);
    EXPECT_NE(told_.find("resumed from " + path(kSecond)), std::string::npos) << told_;
  }
  EXPECT_EQ(resume("part", path("part")).ending, Ending::finished);
  expect_same_end("part");
  make_folder(folder_ / "empty");
  EXPECT_EQ(complaint("other", path("empty")), "--resume: " + path("empty") + " holds no checkpoint");
}

TEST_F(FoundTest, MoreEpochsAreAnotherRun) {
  recipe::Recipe more = recipe("whole");
  more.epochs = 5;
  more.resume = "auto";
  EXPECT_EQ(message_of<UsageError>([&] {
              run(more, training_, validation_, {{"epochs", "--epochs"}});
            }),
            "--epochs: a resumed run keeps its recipe; the checkpoint has 3, this command 5; to go on from there under "
            "another recipe, as a new run, type: --resume " +
                path("whole/checkpoints/epoch-0003-step-00000021.pt") + " --out ANOTHER --epochs 5");
}

TEST_F(FoundTest, LeftoversOfTheDeadAreClearedAndNoOthers) {
  const auto name = [&](const char* file) { return folder_ / "part/checkpoints" / file; };
  const std::string living = format(".epoch-0003-step-00000021.pt.{}-1.tmp", ::getppid());
  write_file(name(".epoch-0003-step-00000021.pt.999999999-1.tmp"), "half");
  write_file(name(living.c_str()), "half");
  write_file(name(".notes.txt.999999999-1.tmp"), "mine");
  write_file(name(".epoch-mine.tmp"), "mine");
  write_file(folder_ / "part/.run.json.999999999-7-0123abcd.tmp", "half");
  EXPECT_EQ(resume("part").ending, Ending::finished);
  EXPECT_FALSE(fs::exists(name(".epoch-0003-step-00000021.pt.999999999-1.tmp")));
  EXPECT_FALSE(fs::exists(folder_ / "part/.run.json.999999999-7-0123abcd.tmp"));
  EXPECT_TRUE(fs::exists(name(living.c_str())));
  EXPECT_TRUE(fs::exists(name(".notes.txt.999999999-1.tmp")));
  EXPECT_TRUE(fs::exists(name(".epoch-mine.tmp")));
}

class ChangedCheckpoint : public FoundTest {
 protected:
  /// The second checkpoint with one entry changed, alone in a folder.
  void change(const std::string& key, const tensors::Value& value) {
    const tensors::File file = tensors::read(folder_ / kSecond);
    tensors::Dict root = std::get<tensors::Dict>(file.root.data);
    std::erase_if(root, [&](const tensors::DictEntry& entry) { return entry.key == key; });
    if (!std::holds_alternative<std::monostate>(value.data)) root.push_back({key, value});
    fs::remove_all(folder_ / "changed");
    make_folder(folder_ / "changed/checkpoints");
    tensors::write_pt(folder_ / "changed/checkpoints/c.pt", {root});
  }
};

TEST_F(ChangedCheckpoint, NumbersAreCheckedWhereTheyAreRead) {
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  const std::vector<std::pair<std::string, tensors::Value>> wrong = {
      {"epoch", {std::int64_t{-1}}},
      {"epoch", {2.5}},
      {"epoch", {std::string("2")}},
      {"epoch", {true}},
      {"epoch", {most}},
      {"step", {std::int64_t{-14}}},
      {"step", {most}},
      {"step", {std::int64_t{15}}},
      {"step_in_epoch", {std::int64_t{-1}}},
      {"step_in_epoch", {std::int64_t{7}}},
      {"step_in_epoch", {most}},
      {"best_epoch", {std::int64_t{3}}},
      {"threads", {std::int64_t{0}}},
      {"threads", {most}},
      {"sums", {std::int64_t{0}}},
      {"best_metrics", {tensors::Dict{{"top1", {std::string("x")}}}}},
      {"data_digest", {std::int64_t{0}}},
      {"recipe", {std::string("x")}}};
  for (const auto& [key, value] : wrong) {
    change(key, value);
    const std::string message = complaint("changed", "auto");
    EXPECT_NE(message.find("c.pt"), std::string::npos) << key << ": " << message;
    EXPECT_EQ(message.find("json.exception"), std::string::npos) << key << ": " << message;
  }
}

TEST_F(ChangedCheckpoint, OtherValidationImagesAreRefused) {
  const Synthetic other(22, 4, 3);
  recipe::Recipe again = recipe("part");
  again.resume = "auto";
  EXPECT_EQ(message_of<Error>([&] { run(again, training_, other); }),
            path(kSecond) +
                ": was evaluated on other validation images (digest 22-4-2 then, 22-4-3 now); put them "
                "back, or start a new run");
  change("validation_digest", {});  // as checkpoints of before it was kept
  again.out = path("changed");
  EXPECT_EQ(run(again, training_, other).ending, Ending::finished);
}

}  // namespace
}  // namespace springbok::train
