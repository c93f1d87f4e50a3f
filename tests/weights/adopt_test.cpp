// The one way into a weight file: whatever stands before a network's names, what is left over, and what is refused.
#include "springbok/weights/fit/adopt.h"

#include <gtest/gtest.h>

#include <limits>

#include "springbok/base/error.h"
#include "tests/support/message_of.h"
#include "tests/weights/helpers.h"

namespace springbok::weights {
namespace {

using springbok::testing::message_of;

const char* const kModel = "shufflenet_v2_x0_5";

tensors::StateDict network(std::int64_t classes = 10) {
  return weights_of(zoo::build(kModel, {.classes = classes}));
}

tensors::StateDict behind(const std::string& prefix, tensors::StateDict dict = network()) {
  for (auto& item : dict) item.first = prefix + item.first;
  return dict;
}

tensors::StateDict together(tensors::StateDict a, const tensors::StateDict& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

tensors::File file_of(const tensors::StateDict& dict) {
  tensors::Dict root;
  for (const auto& [name, tensor] : dict) root.emplace_back(name, tensors::Value{tensor});
  return {.kind = "zip", .root = {root}, .metadata = {}, .name = "x.pth", .mapped = {}};
}

std::string line(const tensors::StateDict& dict, const Wanted& wanted = {}) {
  const tensors::File file = file_of(dict);
  return line_of(file, adopt(file, wanted));
}

TEST(Adopt, AnyPrefixThatMakesAModelFitIsLeftOutAndSaid) {
  for (const char* prefix : {"model.", "net.", "module.", "module.model.", "encoder.", "student.",
                             "lit.model.backbone.", "whatever.its.name."}) {
    for (const char* model : {"", kModel}) {
      EXPECT_EQ(line(behind(prefix), {.model = model}),
                std::string("x.pth: shufflenet_v2_x0_5: loaded 338 tensors behind '") + prefix + "'");
    }
  }
}

TEST(Adopt, WhatStandsElsewhereIsUnusedAndSaid) {
  const tensors::StateDict dict =
      together(behind("model."), {{"criterion.weight", tensors::thin({10})}, {"queue", tensors::thin({128, 64})}});
  EXPECT_EQ(line(dict),
            "x.pth: shufflenet_v2_x0_5: loaded 338 tensors behind 'model.', 2 unused (criterion.weight, queue)");
  EXPECT_EQ(message_of<Error>([&] {
              line(together(behind("model."), {{"model.more", tensors::thin({1})}}), {.model = kModel});
            }),
            "x.pth: does not fit shufflenet_v2_x0_5: loaded 338 tensors behind 'model.', 1 unexpected (more); no other "
            "network of the zoo is nearer, or, if that is meant, --allow unused");
}

TEST(Adopt, OfTwoNetworksTheFirstButNoAverageIsTaken) {
  const tensors::StateDict moco = together(behind("module.encoder_q."), behind("module.encoder_k."));
  EXPECT_NE(line(moco).find("behind 'module.encoder_q.' (another network's stand behind 'module.encoder_k.', which "
                            "--entry module.encoder_k takes)"),
            std::string::npos);
  const tensors::File file = file_of(moco);
  EXPECT_EQ(adopt(file, {.entry = "module.encoder_k"}).fit.match.prefix, "");
  EXPECT_EQ(adopt(file_of(together(behind("student."), behind("teacher."))), {}).fit.match.prefix, "teacher.");
  EXPECT_EQ(adopt(file_of(together(behind("ema_model."), behind("model."))), {}).fit.match.prefix, "model.");
}

TEST(Adopt, TwoNetworksOfTwoKindsAreNamed) {
  const tensors::StateDict dict =
      together(behind("student."), behind("teacher.", weights_of(zoo::build("resnet18", {.classes = 10}))));
  const std::string message = message_of<UsageError>([&] { line(dict); });
  EXPECT_EQ(
      message,
      "x.pth: several models fit its tensors; name one with --model, or what stands before its names with --entry: "
      "resnet18 (100 %, behind 'teacher.'), shufflenet_v2_x0_5 (100 %, behind 'student.')");
  EXPECT_EQ(line(dict, {.entry = "student"}), "x.pth: shufflenet_v2_x0_5: loaded 338 tensors");
}

TEST(Adopt, AClassifierMayStandElsewhere) {
  tensors::StateDict body, head;
  for (const auto& [name, tensor] : network()) (name.starts_with("fc.") ? head : body).emplace_back(name, tensor);
  tensors::StateDict bare = head;
  for (auto& item : bare) item.first = item.first.substr(3);
  const tensors::StateDict loss{{"criterion.weight", tensors::thin({10})}};
  EXPECT_EQ(line(together(behind("backbone.", body), behind("head.", head))),
            "x.pth: shufflenet_v2_x0_5: loaded 338 tensors behind 'backbone.' (the head's behind 'head.')");
  EXPECT_EQ(line(together(behind("backbone.", body), behind("classifier.", bare))),
            "x.pth: shufflenet_v2_x0_5: loaded 338 tensors behind 'backbone.' (the head's behind 'classifier.')");
  const tensors::StateDict lit = together(behind("model.backbone.", body), together(behind("model.head.", bare), loss));
  EXPECT_EQ(line(lit),
            "x.pth: shufflenet_v2_x0_5: loaded 338 tensors behind 'model.backbone.' (the head's behind "
            "'model.head.'), 1 unused (criterion.weight)");
  // Another network's classifier is not this one's.
  const tensors::StateDict mixed = together(behind("student.", body), behind("teacher."));
  EXPECT_EQ(adopt(file_of(mixed), {}).fit.match.prefix, "teacher.");
  EXPECT_THROW(adopt(file_of(mixed), {.entry = "student"}), Error);
}

TEST(Adopt, AdviceLeadsOn) {
  const auto message = [](const tensors::StateDict& dict, const Wanted& wanted) {
    return message_of<Error>([&] { line(dict, wanted); });
  };
  EXPECT_NE(message(network(), {.model = "resnet18"}).find("; leave out --model to have the one found that fits"),
            std::string::npos);
  EXPECT_NE(
      message(network(), {.model = kModel, .options = zoo::ModelOptions{.classes = 7}})
          .find("; the file's shufflenet_v2_x0_5 has 10 classes and 3 channels, not 7 and 3, or, if that is meant, "
                "--allow head"),
      std::string::npos);
  EXPECT_EQ(
      message({{"w", tensors::thin({1})}}, {}),
      "x.pth: no network of the zoo has tensors of these names; see 'springbok weights inspect x.pth' for them and "
      "'springbok models list' for the networks");
}

TEST(Adopt, NumbersThatAreNoneAreRefusedWithTheirTensor) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN(), kInf = std::numeric_limits<double>::infinity();
  const auto with = [](const tensors::Tensor& tensor) {
    tensors::StateDict dict = network();
    for (auto& [name, value] : dict) {
      if (name == "fc.bias") value = tensor;
    }
    return message_of<Error>([&] { line(dict); });
  };
  const auto nth = [](double value) {
    std::vector<double> values(10, 0.5);
    values[7] = value;
    return values;
  };
  const auto floats = [&](double value) {
    const std::vector<double> values = nth(value);
    return std::vector<float>(values.begin(), values.end());
  };
  EXPECT_EQ(with(tensor_of<float>(tensors::DType::f32, {10}, floats(kNaN))),
            "x.pth: fc.bias holds nan, which is no weight; the training that wrote it had diverged: take an earlier "
            "checkpoint");
  EXPECT_NE(with(tensor_of<float>(tensors::DType::f32, {10}, floats(-kInf))).find("fc.bias holds -inf"),
            std::string::npos);
  EXPECT_NE(with(tensor_of<double>(tensors::DType::f64, {10}, nth(1e300)))
                .find("fc.bias holds 1e+300, more than float32 holds"),
            std::string::npos);
  std::vector<std::uint16_t> halves(10, 0x3C00), brains(10, 0x3F80);
  halves[3] = 0x7C00;
  brains[9] = 0xFF81;
  EXPECT_NE(with(tensor_of<std::uint16_t>(tensors::DType::f16, {10}, halves)).find("fc.bias holds inf"),
            std::string::npos);
  EXPECT_NE(with(tensor_of<std::uint16_t>(tensors::DType::bf16, {10}, brains)).find("fc.bias holds "),
            std::string::npos);
  EXPECT_EQ(line(network()), "x.pth: shufflenet_v2_x0_5: loaded 338 tensors");
}

TEST(TensorsOf, KeepsAllAndLeavesAPrefixOut) {
  std::string said;
  const tensors::StateDict dict =
      tensors_of(file_of(together(behind("model."), {{"criterion.weight", tensors::thin({10})}})), "", said);
  EXPECT_EQ(said, "x.pth: its shufflenet_v2_x0_5 stands behind 'model.', which is left out of the names");
  EXPECT_EQ(dict.size(), 339u);
  EXPECT_EQ(dict.front().first, "conv1.0.weight");
  EXPECT_EQ(dict.back().first, "criterion.weight");
}

}  // namespace
}  // namespace springbok::weights
