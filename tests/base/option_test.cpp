// Options: text and JSON set the field, limits hold, and mistakes are told in one line.
#include "springbok/base/option.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "springbok/base/error.h"
#include "tests/support/message_of.h"

namespace springbok {
namespace {

using nlohmann::json;
using testing::message_of;

enum class Shape { cosine, step, poly };

class OptionTest : public ::testing::Test {
 protected:
  bool nesterov_ = false;
  std::int64_t epochs_ = 90;
  double lr_ = 0.1;
  std::string schedule_ = "cosine";
  std::vector<std::string> metrics_ = {"top1"};
  int size_ = 224;
  std::vector<double> mean_ = {0.485, 30};
  Shape shape_ = Shape::step;
  std::optional<Shape> other_;
  Options options_ = {
      {.key = "nesterov", .help = "look ahead", .field = &nesterov_},
      {.key = "warmup_epochs", .help = "epochs", .field = &epochs_, .min = 0},
      {.key = "lr", .help = "rate", .field = &lr_, .min = 0, .max = 10},
      {.key = "schedule", .help = "shape", .field = &schedule_, .choices = {"cosine", "step", "poly"}},
      {.key = "metrics", .help = "what to report", .field = &metrics_, .choices = {"top1", "top5", "loss"}},
  };
  Options more_ = {
      {.key = "size", .help = "side", .field = &size_, .min = 0, .max = 8192},
      {.key = "mean", .help = "of pixels", .field = &mean_, .min = -1, .max = 1e6},
      {.key = "shape", .help = "shape", .field = &shape_, .choices = {"cosine", "step", "poly"}},
      {.key = "other", .help = "another", .field = &other_, .choices = {"", "cosine", "step", "poly"}},
  };

  const Option& option(const std::string& key) const {
    const Option* found = find_option(options_, key);
    return found != nullptr ? *found : *find_option(more_, key);
  }
  void set(const std::string& key, const std::string& text) { set_option(option(key), text, flag_name(key)); }
  void set_json(const std::string& key, const json& value) { set_option(option(key), value, "r.toml: " + key); }
  std::string error(const std::string& key, const std::string& text) {
    return message_of<UsageError>([&] { set(key, text); });
  }
  std::string json_error(const std::string& key, const json& value) {
    return message_of<UsageError>([&] { set_json(key, value); });
  }
};

TEST_F(OptionTest, NamesOfFlags) {
  EXPECT_EQ(flag_name("warmup_epochs"), "--warmup-epochs");
  EXPECT_EQ(find_option(options_, "warmup-epochs"), nullptr);
}

TEST_F(OptionTest, FromText) {
  set("nesterov", "true");
  EXPECT_TRUE(nesterov_);
  set("nesterov", "Off");
  EXPECT_FALSE(nesterov_);
  set("warmup_epochs", "5");
  EXPECT_EQ(epochs_, 5);
  set("lr", "2.5e-3");
  EXPECT_EQ(lr_, 2.5e-3);
  set("schedule", "poly");
  EXPECT_EQ(schedule_, "poly");
  set("metrics", "top5, loss");
  EXPECT_EQ(metrics_, (std::vector<std::string>{"top5", "loss"}));
  set("metrics", "");
  EXPECT_TRUE(metrics_.empty());
}

TEST_F(OptionTest, FromJson) {
  set_json("nesterov", true);
  set_json("warmup_epochs", 7);
  set_json("lr", 1);
  set_json("schedule", "step");
  set_json("metrics", {"top5", "top1"});
  const json expected = {
      {"nesterov", true}, {"warmup_epochs", 7}, {"lr", 1.0}, {"schedule", "step"}, {"metrics", {"top5", "top1"}}};
  EXPECT_EQ(json(option_values(options_)), expected);
  set_json("metrics", "loss");
  EXPECT_EQ(metrics_, std::vector<std::string>{"loss"});
}

TEST_F(OptionTest, ValuesKeepTheOrderOfDescription) {
  EXPECT_EQ(option_values(options_).dump(),
            R"({"nesterov":false,"warmup_epochs":90,"lr":0.1,"schedule":"cosine","metrics":["top1"]})");
}

TEST_F(OptionTest, ValuesOfWrongTypeInText) {
  EXPECT_EQ(error("nesterov", "maybe"), "--nesterov: expects true or false, got 'maybe'");
  EXPECT_EQ(error("warmup_epochs", "1.5"), "--warmup-epochs: expects a whole number, got '1.5'");
  EXPECT_EQ(error("warmup_epochs", ""), "--warmup-epochs: expects a whole number, got ''");
  EXPECT_EQ(error("warmup_epochs", "99999999999999999999"),
            "--warmup-epochs: expects a whole number, got '99999999999999999999'");
  EXPECT_EQ(error("lr", "0.1x"), "--lr: expects a number, got '0.1x'");
}

TEST_F(OptionTest, ValuesOfWrongTypeInJson) {
  EXPECT_EQ(json_error("nesterov", 1), "r.toml: nesterov: expects true or false, got 1");
  EXPECT_EQ(json_error("warmup_epochs", 1.5), "r.toml: warmup_epochs: expects a whole number, got 1.5");
  EXPECT_EQ(json_error("warmup_epochs", 18446744073709551615ULL),
            "r.toml: warmup_epochs: expects a whole number, got 18446744073709551615");
  EXPECT_EQ(json_error("lr", "0.1"), "r.toml: lr: expects a number, got \"0.1\"");
  EXPECT_EQ(json_error("schedule", 3), "r.toml: schedule: expects a text, got 3");
  EXPECT_EQ(json_error("metrics", {1, 2}), "r.toml: metrics: expects a list of texts, got [1,2]");
}

TEST_F(OptionTest, ValuesOutOfRangeLeaveTheFieldAlone) {
  EXPECT_EQ(error("lr", "11"), "--lr: must be between 0 and 10, got 11");
  EXPECT_EQ(error("lr", "nan"), "--lr: must be between 0 and 10, got nan");
  EXPECT_EQ(error("warmup_epochs", "-1"), "--warmup-epochs: must be at least 0, got -1");
  EXPECT_EQ(json_error("lr", -0.5), "r.toml: lr: must be between 0 and 10, got -0.5");
  EXPECT_EQ(lr_, 0.1);
  EXPECT_EQ(epochs_, 90);
  double free = 1;
  const Option unlimited{.key = "x", .help = "", .field = &free};
  EXPECT_EQ(message_of<UsageError>([&] { set_option(unlimited, std::string("inf"), "--x"); }),
            "--x: must be a finite number, got inf");
}

TEST_F(OptionTest, ChoicesAndNearMisses) {
  EXPECT_EQ(error("schedule", "cosin"),
            "--schedule: 'cosin' is not one of cosine, step, poly (did you mean 'cosine'?)");
  EXPECT_EQ(error("schedule", "exponential"), "--schedule: 'exponential' is not one of cosine, step, poly");
  EXPECT_EQ(error("metrics", "top1,top6"), "--metrics: 'top6' is not one of top1, top5, loss (did you mean 'top1'?)");
  EXPECT_EQ(json_error("metrics", {"lost"}),
            "r.toml: metrics: 'lost' is not one of top1, top5, loss (did you mean 'loss'?)");
  EXPECT_EQ(schedule_, "cosine");
  EXPECT_EQ(metrics_, std::vector<std::string>{"top1"});
}

TEST_F(OptionTest, NumbersInLists) {
  EXPECT_EQ(option_value(option("mean")).dump(), "[0.485,30.0]");
  set("mean", "0.1, +2e-1");
  EXPECT_EQ(mean_, (std::vector<double>{0.1, 0.2}));
  set_json("mean", {0.25, 1});
  EXPECT_EQ(mean_, (std::vector<double>{0.25, 1}));
  set_json("mean", {"0.229", 0.5});
  EXPECT_EQ(mean_, (std::vector<double>{0.229, 0.5}));
  EXPECT_EQ(error("mean", "0.5,x"), "--mean: 'x' is not a number; give numbers separated by commas");
  EXPECT_EQ(error("mean", "inf"), "--mean: 'inf' is not a number; give numbers separated by commas");
  EXPECT_EQ(error("mean", "0.5,-2"), "--mean: must be between -1 and 1000000, got -2");
  EXPECT_EQ(json_error("mean", {1, true}), "r.toml: mean: expects a list of numbers, got [1,true]");
  EXPECT_EQ(json_error("mean", 0.5), "r.toml: mean: expects a list of numbers, got 0.5");
  EXPECT_EQ(mean_, (std::vector<double>{0.229, 0.5}));
  set("mean", "");
  EXPECT_TRUE(mean_.empty());
}

TEST_F(OptionTest, EnumsAreNamedByTheChoices) {
  EXPECT_EQ(option_value(option("shape")), "step");
  set("shape", "poly");
  EXPECT_EQ(shape_, Shape::poly);
  set_json("shape", "cosine");
  EXPECT_EQ(shape_, Shape::cosine);
  EXPECT_EQ(error("shape", "stepp"), "--shape: 'stepp' is not one of cosine, step, poly (did you mean 'step'?)");
  EXPECT_EQ(json_error("shape", 3), "r.toml: shape: expects a text, got 3");
  EXPECT_EQ(shape_, Shape::cosine);
}

TEST_F(OptionTest, AnEnumMayBeLeftOpen) {
  EXPECT_EQ(option_value(option("other")), "");
  set("other", "poly");
  EXPECT_EQ(other_, Shape::poly);
  EXPECT_EQ(option_value(option("other")), "poly");
  set("other", "");
  EXPECT_EQ(other_, std::nullopt);
}

TEST_F(OptionTest, AnIntIsCheckedBeforeItIsCut) {
  set("size", "32");
  set_json("size", 64);
  EXPECT_EQ(size_, 64);
  EXPECT_EQ(error("size", "4294967312"), "--size: must be between 0 and 8192, got 4294967312");
  EXPECT_EQ(json_error("size", 4294967312), "r.toml: size: must be between 0 and 8192, got 4294967312");
}

TEST_F(OptionTest, UnknownKeys) {
  EXPECT_EQ(message_of<UsageError>([&] { fail_unknown_key(options_, "warmup_epoch", "r.toml"); }),
            "r.toml: unknown key 'warmup_epoch' (did you mean 'warmup_epochs'?)");
  EXPECT_EQ(message_of<UsageError>([&] { fail_unknown_key(options_, "batch_size", "r.toml"); }),
            "r.toml: unknown key 'batch_size'");
}

}  // namespace
}  // namespace springbok
