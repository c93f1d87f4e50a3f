// Files that PyTorch and safetensors made (make_fixtures.py), read back value by value and byte by byte.
#include "springbok/tensors/read.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "springbok/base/file.h"
#include "springbok/base/text.h"
#include "springbok/tensors/convert.h"
#include "springbok/tensors/write.h"
#include "tests/support/temporary_folder.h"
#include "tests/tensors/helpers.h"

namespace springbok::tensors {
namespace {

using nlohmann::json;

std::string hex(std::span<const std::byte> bytes) {
  std::string out;
  for (const std::byte byte : bytes) out += format("{:02x}", std::to_integer<unsigned>(byte));
  return out;
}

json show(const Tensor& tensor) {
  std::vector<std::byte> data(static_cast<std::size_t>(tensor.elements()) * size_of(tensor.dtype));
  copy_elements(tensor, data);
  return {
      {"tensor", name_of(tensor.dtype)}, {"shape", tensor.shape}, {"strides", tensor.strides}, {"bytes", hex(data)}};
}

/// A value as make_fixtures.py prints its own.
json show(const Value& value) {
  struct Show {
    json operator()(std::monostate) const { return nullptr; }
    json operator()(bool yes) const { return yes; }
    json operator()(std::int64_t number) const { return number; }
    json operator()(double number) const { return number; }
    json operator()(const std::string& text) const { return text; }
    json operator()(const Tensor& tensor) const { return show(tensor); }
    json operator()(const Opaque& opaque) const { return {{"opaque", opaque.class_name}}; }
    json operator()(const List& list) const {
      json out = json::array();
      for (const Value& item : list) out.push_back(show(item));
      return out;
    }
    json operator()(const Dict& dict) const {
      json items = json::array();
      for (const auto& [key, item] : dict) items.push_back({(key.integer ? "#" : "") + key, show(item)});
      return {{"dict", items}};
    }
  };
  return std::visit(Show{}, value.data);
}

class Fixture : public ::testing::TestWithParam<const char*> {};

TEST_P(Fixture, IsReadAsItWasMade) {
  const std::filesystem::path folder = source_folder() / "fixtures";
  const std::string name = GetParam();
  const json expected = json::parse(read_text(folder / (name + ".json")));
  const File file = read(folder / (name + (name == "written" ? ".safetensors" : ".pth")));
  EXPECT_EQ(file.kind, expected["kind"].get<std::string>());
  EXPECT_EQ(show(file.root), expected["root"]) << "written by tests/tensors/make_fixtures.py";
}

INSTANTIATE_TEST_SUITE_P(Read, Fixture,
                         ::testing::Values("network.zip", "network.legacy", "dtypes.zip", "dtypes.legacy", "views.zip",
                                           "views.legacy", "training.zip", "training.legacy", "attributed.zip",
                                           "attributed.legacy", "protocol4.zip", "protocol4.legacy", "protocol5.zip",
                                           "protocol5.legacy", "ancient.legacy", "python2_names.zip",
                                           "python2_names.legacy", "two_types.zip", "written"),
                         [](const auto& it) {
                           std::string name = it.param;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

TEST(Read, SharedTensorsShareTheirBytes) {
  for (const char* name : {"fixtures/views.zip.pth", "fixtures/views.legacy.pth"}) {
    const File file = read(source_folder() / name);
    const Dict& dict = std::get<Dict>(file.root.data);
    const auto& tied = std::get<Tensor>(find(dict, "tied")->data);
    EXPECT_EQ(tied.bytes.data(), std::get<Tensor>(find(dict, "tied_too")->data).bytes.data());
  }
}

TEST(Read, TensorsOutliveTheFile) {
  Tensor tensor;
  {
    const File file = read(source_folder() / "fixtures/training.zip.pth");
    tensor = std::get<Tensor>(find(std::get<Dict>(file.root.data), "fortran")->data);
  }
  std::vector<double> values(6);
  copy_elements(tensor, std::as_writable_bytes(std::span(values)));
  EXPECT_EQ(values, (std::vector<double>{0, 1, 2, 3, 4, 5}));
}

TEST(Read, WhatWasWrittenComesBack) {
  const testing::TemporaryFolder folder;
  for (const char* name : {"views.zip", "dtypes.zip"}) {
    const File original = read(source_folder() / "fixtures" / (std::string(name) + ".pth"));
    write_pt(folder / "x.pt", original.root);
    const File again = read(folder / "x.pt");
    const Dict& before = std::get<Dict>(original.root.data);
    const Dict& after = std::get<Dict>(again.root.data);
    ASSERT_EQ(before.size(), after.size());
    for (std::size_t i = 0; i < before.size(); ++i) {
      const Tensor expected = contiguous(std::get<Tensor>(before[i].value.data));
      EXPECT_EQ(show(std::get<Tensor>(after[i].value.data))["bytes"], show(expected)["bytes"]) << before[i].key;
    }
  }
}

}  // namespace
}  // namespace springbok::tensors
