// The safetensors form: bytes equal to its own writer's, and headers that lie.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/tensors/bytes.h"
#include "springbok/tensors/read.h"
#include "springbok/tensors/write.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"
#include "tests/tensors/helpers.h"

namespace springbok::tensors {
namespace {

using springbok::testing::message_of;
using springbok::testing::TemporaryFolder;

/// A file of this header and so many bytes of data.
std::string file_of(const std::string& header, std::size_t data) {
  std::string bytes;
  append_le(bytes, std::uint64_t{header.size()});
  return bytes + header + std::string(data, '\1');
}

std::string refused(const std::string& bytes) {
  return message_of<Error>([&] { read(as_bytes(bytes), nullptr, "x.safetensors"); });
}

TEST(Safetensors, WritesTheBytesOfItsOwnWriter) {
  const TemporaryFolder folder;
  const auto original = source_folder() / "fixtures/written.safetensors";
  const File file = read(original);
  EXPECT_EQ(file.metadata, (std::map<std::string, std::string>{{"format", "pt"}}));
  StateDict dict = state_dict(file);
  std::reverse(dict.begin(), dict.end());  // the order given does not matter
  write_safetensors(folder / "x.safetensors", dict, file.metadata);
  EXPECT_EQ(read_text(folder / "x.safetensors"), read_text(original));
}

TEST(Safetensors, ViewsAndMetadataAreReadByItsOwnReader) {
  const TemporaryFolder folder;
  Tensor transposed = counting({2, 3});
  transposed.shape = {3, 2};
  transposed.strides = {1, 3};
  write_safetensors(folder / "x.safetensors", {{"t", transposed}}, {{"model", "resnet18"}, {"classes", "[\"a\"]"}});
  EXPECT_EQ(run_python("check_safetensors.py", {folder / "x.safetensors"}),
            "classes = [\"a\"]\nmodel = resnet18\nt = float32 [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]\n");
}

TEST(Safetensors, WhatCannotBeWrittenIsNamed) {
  const TemporaryFolder folder;
  const auto path = folder / "x.safetensors";
  const auto write = [&](const StateDict& dict, const std::map<std::string, std::string>& metadata) {
    return message_of<Error>([&] { write_safetensors(path, dict, metadata); });
  };
  const std::string start = path.string() + ": cannot write ";
  EXPECT_EQ(write({{"a", counting({1})}, {"a", counting({1})}}, {}), start + "'a': the name is there twice");
  EXPECT_EQ(write({{"__metadata__", counting({1})}}, {}),
            start + "'__metadata__': the format keeps that name for itself");
  EXPECT_EQ(write({}, {{"a", "\xff"}}), start + "'\\xFF': it is not UTF-8");
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Safetensors, ManyTensorsAreWrittenAndReadInTheirNumber) {
  const TemporaryFolder folder;
  StateDict dict;
  constexpr int kMany = 100'000;  // their square would take a minute
  for (int i = 0; i < kMany; ++i) dict.emplace_back("layer." + std::to_string(i) + ".\"weight\"", counting({1}));
  write_safetensors(folder / "x.safetensors", dict, {{"format", "pt"}});
  const StateDict again = state_dict(read(folder / "x.safetensors"));
  ASSERT_EQ(again.size(), dict.size());
  EXPECT_EQ(again.front().first, "layer.0.\"weight\"");
}

TEST(Safetensors, EmptyFilesAreFine) {
  EXPECT_EQ(refused(file_of("{}", 0)), "(nothing thrown)");
  EXPECT_EQ(refused(file_of(R"({"a":{"dtype":"F32","shape":[0,9],"data_offsets":[0,0]}}   )", 0)), "(nothing thrown)");
}

TEST(Safetensors, HeadersThatLieAreRefused) {
  const auto tensor = [](const std::string& fields) { return file_of("{\"a\":{" + fields + "}}", 8); };
  const std::string good = R"("dtype":"F32","shape":[2],"data_offsets":[0,8])";
  EXPECT_EQ(refused(tensor(good)), "(nothing thrown)");
  const std::pair<std::string, std::string> cases[] = {
      {file_of("{\"a\":", 0), "no JSON from its byte"},
      {file_of("{} {}", 0), "no JSON from its byte"},
      {file_of(std::string("{}\0{} ", 6), 0), "a zero byte at its byte 2"},
      {file_of("{\"a\":[[[[", 0), "a list at 'a'"},
      {file_of("{\"a\":{\"b\":{", 0), "an object at 'b'"},
      {file_of("{\"a\":1}", 0), "1 at 'a'"},
      {file_of("{\"a\":null}", 0), "null at 'a'"},
      {file_of(R"({"__metadata__":{"a":1}})", 0), "1 at 'a'"},
      {file_of(R"({"__metadata__":{"a":"b","a":"c"}})", 0), "the metadata key 'a' twice"},
      {file_of("{\"a\":{" + good + "},\"a\":{" + good + "}}", 8), "'a' is there twice"},
      {file_of("{\"a\":{" + good + "},\"b\":{" + good + "}}", 8), "'b' lies at bytes 0 to 8, where 8 is next"},
      {tensor(R"("dtype":"F32","shape":[2])"), "'a' lacks dtype, shape or data_offsets"},
      {tensor(R"("dtype":"F32","shape":[2],"data_offsets":[0])"), "'a' lacks dtype, shape or data_offsets"},
      {tensor(R"("dtype":"F32","shape":[2],"data_offsets":[0,8],"data_offsets":[0,8])"), "a list at 'data_offsets'"},
      {tensor(R"("dtype":"F32","shape":[2],"data_offsets":[0,16])"), "'a' lies at bytes 0 to 16"},
      {tensor(R"("dtype":"F32","shape":[2],"data_offsets":[4,12])"), "'a' lies at bytes 4 to 12"},
      {tensor(R"("dtype":"F32","shape":[2],"data_offsets":[0,-8])"), "a negative number at 'data_offsets'"},
      {tensor(R"("dtype":"F32","shape":[1],"data_offsets":[0,4])"), "8 bytes of data, its header names 4"},
      {tensor(R"("dtype":"F32","shape":[3],"data_offsets":[0,8])"), "'a' has 8 bytes, not what its shape needs"},
      {tensor(R"("dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8])"), "not what its shape needs"},
      {tensor(R"("dtype":"F32","shape":[0,4611686018427387904,4],"data_offsets":[0,0])"), "not what its shape needs"},
      {tensor(R"("dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,8])"),
       "18446744073709551615 at 'shape'"},
      {tensor(R"("dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8])"),
       "'a' is of type F8_E4M3, which Springbok has not"},
      {std::string("\xff\xff\xff\xff\xff\xff\xff\x7f{}", 10), "does not fit the file"},
      {std::string("\x03\0\0\0\0\0\0\0{}", 10), "does not fit the file"},
  };
  for (const auto& [bytes, message] : cases) {
    EXPECT_NE(refused(bytes).find(message), std::string::npos) << bytes << "\n" << refused(bytes);
    EXPECT_TRUE(refused(bytes).starts_with("x.safetensors: "));
  }
}

}  // namespace
}  // namespace springbok::tensors
