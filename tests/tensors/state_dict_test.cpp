// Where training scripts put their weights, and what they call them.
#include <gtest/gtest.h>

#include "springbok/base/error.h"
#include "springbok/tensors/read.h"
#include "tests/support/message_of.h"
#include "tests/tensors/helpers.h"

namespace springbok::tensors {
namespace {

using springbok::testing::message_of;

Value weights_of(const std::vector<std::string>& names) {
  Dict dict;
  for (const std::string& name : names) dict.emplace_back(name, Value{counting({1})});
  return {dict};
}

std::vector<std::string> names_in(const Value& root, const std::string& entry = "") {
  std::vector<std::string> names;
  for (const auto& item :
       state_dict({.kind = "zip", .root = root, .metadata = {}, .name = "x.pth", .mapped = {}}, entry)) {
    names.push_back(item.first);
  }
  return names;
}

using Names = std::vector<std::string>;

TEST(StateDict, BareAndWrapped) {
  const Value bare = weights_of({"b", "a"});
  EXPECT_EQ(names_in(bare), (Names{"b", "a"}));
  for (const char* wrapper : {"state_dict", "model", "net", "model_state_dict", "ema", "state_dict_ema", "model_ema"}) {
    EXPECT_EQ(names_in(Value{Dict{{"epoch", Value{std::int64_t{3}}}, {wrapper, bare}}}), (Names{"b", "a"})) << wrapper;
  }
  EXPECT_EQ(names_in(Value{Dict{{"model", Value{Dict{{"state_dict", bare}, {"name", Value{std::string("x")}}}}}}}),
            (Names{"b", "a"}));
}

TEST(StateDict, WeightsBeforeAveragesAndBesideOtherTensors) {
  const Value root{Dict{{"rng", Value{counting({2})}},
                        {"state_dict_ema", weights_of({"average"})},
                        {"optimizer", Value{Dict{{"state", weights_of({"m"})}}}},
                        {"state_dict", weights_of({"weight"})}}};
  EXPECT_EQ(names_in(root), Names{"weight"});
  EXPECT_EQ(names_in(root, "state_dict_ema"), Names{"average"});
  EXPECT_EQ(names_in(root, "optimizer.state"), Names{"m"});
}

TEST(StateDict, EntriesWithDotsAndWrappersInside) {
  const Value root{Dict{{"a.b", Value{Dict{{"c.d", Value{Dict{{"state_dict", weights_of({"w"})}}}}}}}}};
  EXPECT_EQ(names_in(root, "a.b.c.d"), Names{"w"});
  EXPECT_EQ(entries({.kind = "zip", .root = root, .metadata = {}, .name = "x.pth", .mapped = {}}),
            Names{"a.b.c.d.state_dict"});
}

TEST(StateDict, CommonPrefixesGo) {
  EXPECT_EQ(names_in(weights_of({"module.a", "module.b.c"})), (Names{"a", "b.c"}));
  EXPECT_EQ(names_in(weights_of({"module.module.a"})), Names{"a"});
  EXPECT_EQ(names_in(weights_of({"_orig_mod.module.a", "_orig_mod.module.b"})), (Names{"a", "b"}));
  EXPECT_EQ(names_in(weights_of({"n_averaged", "module.a"})), Names{"a"});
  EXPECT_EQ(names_in(weights_of({"module.a", "b"})), (Names{"module.a", "b"}));
  EXPECT_EQ(names_in(weights_of({"n_averaged", "a"})), (Names{"n_averaged", "a"}));
}

TEST(StateDict, ValuesThatAreNoTensorsAreNotPartOfIt) {
  Value root = weights_of({"a"});
  std::get<Dict>(root.data).emplace_back("epoch", Value{std::int64_t{1}});
  EXPECT_EQ(names_in(root), Names{"a"});
}

TEST(StateDict, PartsInDictionariesOfTheirOwnAreUnderTheirNames) {
  const Value parts{Dict{{"backbone", Value{Dict{{"state_dict", weights_of({"conv.weight"})}}}},
                         {"head", weights_of({"weight"})},
                         {"optimizer", Value{Dict{{"state", weights_of({"m"})}}}},
                         {"epoch", Value{std::int64_t{3}}}}};
  EXPECT_EQ(names_in(parts), (Names{"backbone.conv.weight", "head.weight"}));
  EXPECT_EQ(names_in(parts, "head"), Names{"weight"});
}

TEST(StateDict, AnAverageBesideBareTensorsIsNotPreferred) {
  const Value root{Dict{{"a", Value{counting({1})}}, {"b", Value{counting({1})}}, {"ema", weights_of({"x"})}}};
  EXPECT_EQ(names_in(root), (Names{"a", "b", "ema.x"}));
}

TEST(StateDict, AnEntryMayBeWhatStandsBeforeNames) {
  const Value root{Dict{{"state_dict", weights_of({"module.encoder_q.a", "module.encoder_k.a"})}}};
  EXPECT_EQ(names_in(root, "module.encoder_k"), Names{"a"});
}

TEST(StateDict, WhatWrappersPutIntoNamesGoes) {
  EXPECT_EQ(names_in(weights_of({"_fsdp_wrapped_module.layer1._fsdp_wrapped_module.0.a", "head._orig_mod.b",
                                 "layer2._checkpoint_wrapped_module.c", "not_orig_mod.d"})),
            (Names{"layer1.0.a", "head.b", "layer2.c", "not_orig_mod.d"}));
}

TEST(StateDict, SaysWhatTheFileHoldsInstead) {
  const auto message = [](const Value& root, const std::string& entry = "") {
    return message_of<Error>([&] { names_in(root, entry); });
  };
  const Value two{Dict{{"generator", weights_of({"a"})}, {"critic", weights_of({"b"})}}};
  EXPECT_EQ(names_in(two, "critic"), Names{"b"});
  EXPECT_EQ(message(two, "critics"),
            "x.pth: there is no entry 'critics'; the file holds tensors at: generator, critic");
  EXPECT_EQ(
      message(Value{Dict{{"epoch", Value{std::int64_t{3}}}, {"name", Value{std::string("x")}}}}),
      "x.pth: no state dict where training scripts put it (name its entry); the file holds no tensors, but: epoch "
      "(integer), name (text)");
  EXPECT_EQ(message(Value{List{}}),
            "x.pth: no state dict where training scripts put it (name its entry); the file holds a list of 0");
}

}  // namespace
}  // namespace springbok::tensors
