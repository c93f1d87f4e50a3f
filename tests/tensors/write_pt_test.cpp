// Files that write_pt makes, opened by PyTorch itself.
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/tensors/write.h"
#include "springbok/tensors/zip/writer.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"
#include "tests/tensors/helpers.h"

namespace springbok::tensors {
namespace {

using springbok::testing::message_of;
using springbok::testing::TemporaryFolder;

Dict every_dtype() {
  Dict dict;
  dict.emplace_back("f64", Value{tensor_of<double>(DType::f64, {2}, {0.1, -1e300})});
  dict.emplace_back("f32", Value{tensor_of<float>(DType::f32, {1, 2}, {0.5f, -3.0f})});
  dict.emplace_back("f16", Value{tensor_of<std::uint16_t>(DType::f16, {2}, {0x3C00, 0xC100})});
  dict.emplace_back("bf16", Value{tensor_of<std::uint16_t>(DType::bf16, {2}, {0x3F80, 0xC020})});
  dict.emplace_back("i64", Value{tensor_of<std::int64_t>(DType::i64, {}, {7})});
  dict.emplace_back("i32", Value{tensor_of<std::int32_t>(DType::i32, {2}, {-1, 2})});
  dict.emplace_back("i16", Value{tensor_of<std::int16_t>(DType::i16, {2}, {-1, 2})});
  dict.emplace_back("i8", Value{tensor_of<std::int8_t>(DType::i8, {2}, {-1, 2})});
  dict.emplace_back("u8", Value{tensor_of<std::uint8_t>(DType::u8, {2}, {255, 2})});
  dict.emplace_back("bool", Value{tensor_of<std::uint8_t>(DType::boolean, {2}, {1, 0})});
  return dict;
}

const char* const kEveryDtypeRead =
    "['f64'] = torch.float64 [2] [0.1, -1e+300] of 16 bytes\n"
    "['f32'] = torch.float32 [1, 2] [0.5, -3.0] of 8 bytes\n"
    "['f16'] = torch.float16 [2] [1.0, -2.5] of 4 bytes\n"
    "['bf16'] = torch.bfloat16 [2] [1.0, -2.5] of 4 bytes\n"
    "['i64'] = torch.int64 [] [7.0] of 8 bytes\n"
    "['i32'] = torch.int32 [2] [-1.0, 2.0] of 8 bytes\n"
    "['i16'] = torch.int16 [2] [-1.0, 2.0] of 4 bytes\n"
    "['i8'] = torch.int8 [2] [-1.0, 2.0] of 2 bytes\n"
    "['u8'] = torch.uint8 [2] [255.0, 2.0] of 2 bytes\n"
    "['bool'] = torch.bool [2] [1.0, 0.0] of 2 bytes\n";

Dict scalars() {
  List list{Value{std::int64_t{255}},
            Value{std::int64_t{256}},
            Value{std::int64_t{-1}},
            Value{std::int64_t{1} << 40},
            Value{std::numeric_limits<std::int64_t>::min()},
            Value{List{}}};
  Dict root;
  root.emplace_back("none", Value{});
  root.emplace_back("yes", Value{true});
  root.emplace_back("real", Value{0.1});
  root.emplace_back("text", Value{std::string("caf\u00e9 'q'")});
  root.emplace_back("list", Value{list});
  root.emplace_back("empty", Value{Dict{}});
  Dict numbers;
  numbers.emplace_back(Key::number(0), Value{false});
  numbers.emplace_back("0x", Value{std::string()});
  root.emplace_back("numbers", Value{numbers});
  return root;
}

const char* const kScalarsRead =
    "['none'] = NoneType None\n"
    "['yes'] = bool True\n"
    "['real'] = float 0.1\n"
    "['text'] = str \"caf\u00e9 'q'\"\n"
    "['list'][0] = int 255\n"
    "['list'][1] = int 256\n"
    "['list'][2] = int -1\n"
    "['list'][3] = int 1099511627776\n"
    "['list'][4] = int -9223372036854775808\n"
    "['list'][5] = list []\n"
    "['empty'] = dict {}\n"
    "['numbers'][0] = bool False\n"
    "['numbers']['0x'] = str ''\n";

Dict views() {
  const Tensor base = counting({2, 3});
  Tensor transposed = base;
  transposed.shape = {3, 2};
  transposed.strides = {1, 3};
  Tensor row = base;
  row.shape = {3};
  row.strides = {1};
  row.bytes = base.bytes.subspan(12);
  return {{"base", Value{base}},
          {"tied", Value{base}},
          {"transposed", Value{transposed}},
          {"row", Value{row}},
          {"empty", Value{counting({0, 3})}}};
}

const char* const kViewsRead =
    "['base'] = torch.float32 [2, 3] [0.0, 1.0, 2.0, 3.0, 4.0, 5.0] of 24 bytes\n"
    "['tied'] = torch.float32 [2, 3] [0.0, 1.0, 2.0, 3.0, 4.0, 5.0] of 24 bytes\n"
    "['transposed'] = torch.float32 [3, 2] [0.0, 3.0, 1.0, 4.0, 2.0, 5.0] of 24 bytes\n"
    "['row'] = torch.float32 [3] [3.0, 4.0, 5.0] of 12 bytes\n"
    "['empty'] = torch.float32 [0, 3] [] of 0 bytes\n";

/// An archive of the integer 5 with 64-bit records throughout.
void write_wide(const std::filesystem::path& path) {
  AtomicFile file(path);
  ZipWriter zip([&](std::span<const std::byte> bytes) { file.write(bytes); }, /*always_zip64=*/true);
  zip.add("archive/data.pkl", std::string_view("\x80\x02K\x05.", 5));
  zip.add("archive/version", "3\n");
  zip.finish();
  file.commit();
}

TEST(WritePt, TorchReadsEveryKindOfValue) {
  const TemporaryFolder folder;
  write_pt(folder / "dtypes.pt", Value{every_dtype()});
  write_pt(folder / "scalars.pt", Value{scalars()});
  write_pt(folder / "views.pt", Value{views()});
  write_wide(folder / "wide.pt");
  EXPECT_EQ(run_python("check_torch.py",
                       {folder / "dtypes.pt", folder / "scalars.pt", folder / "views.pt", folder / "wide.pt"}),
            std::string(kEveryDtypeRead) + kScalarsRead + kViewsRead + " = int 5\n");
}

TEST(WritePt, TensorsOverTheSameBytesAreWrittenOnce) {
  const TemporaryFolder folder;
  write_pt(folder / "x.pt", Value{views()});
  const std::string bytes = read_text(folder / "x.pt");
  EXPECT_NE(bytes.find("archive/data/3"), std::string::npos);
  EXPECT_EQ(bytes.find("archive/data/4"), std::string::npos);  // base and tied are one
}

TEST(WritePt, TorchContinuesTrainingFromTheCheckpoint) {
  const TemporaryFolder folder;
  const Dict weights{{"weight", Value{counting({2, 3})}}, {"bias", Value{counting({2})}}};
  Dict state;
  state.emplace_back(Key::number(0), Value{Dict{{"momentum_buffer", Value{counting({2, 3})}}}});
  state.emplace_back(Key::number(1), Value{Dict{{"momentum_buffer", Value{counting({2})}}}});
  const Dict group{{"lr", Value{0.25}},        {"momentum", Value{0.5}},
                   {"dampening", Value{0.0}},  {"weight_decay", Value{0.0}},
                   {"nesterov", Value{false}}, {"maximize", Value{false}},
                   {"foreach", Value{}},       {"differentiable", Value{false}},
                   {"fused", Value{}},         {"params", Value{List{Value{std::int64_t{0}}, Value{std::int64_t{1}}}}}};
  const Dict root{{"epoch", Value{std::int64_t{3}}},
                  {"state_dict", Value{weights}},
                  {"optimizer", Value{Dict{{"state", Value{state}}, {"param_groups", Value{List{Value{group}}}}}}}};
  write_pt(folder / "x.pt", Value{root});
  // Step: v = 0.5 v + 1, w = w - 0.25 v.
  EXPECT_EQ(run_python("check_optimizer.py", {folder / "x.pt"}),
            "[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]\n"
            "0.25 3\n"
            "[[-0.25, 0.625, 1.5], [2.375, 3.25, 4.125]]\n");
}

TEST(WritePt, EqualInputGivesEqualBytes) {
  const TemporaryFolder folder;
  write_pt(folder / "a.pt", Value{every_dtype()});
  write_pt(folder / "b.pt", Value{every_dtype()});
  EXPECT_EQ(read_text(folder / "a.pt"), read_text(folder / "b.pt"));
}

TEST(WritePt, WhatCannotBeWrittenIsNamedAndLeavesNoFile) {
  const TemporaryFolder folder;
  const auto path = folder / "x.pt";
  const auto write = [&](const Value& value) {
    return message_of<Error>([&] { write_pt(path, Value{Dict{{"a", Value{Dict{{"b", value}}}}}}); });
  };
  const std::string start = path.string() + ": cannot write 'a.b";
  EXPECT_EQ(write(Value{Opaque{"argparse.Namespace"}}), start + "': a 'argparse.Namespace' object is not plain data");
  EXPECT_EQ(write(Value{Dict{{"k", Value{}}, {"k", Value{}}}}), start + ".k': the key is there twice");
  EXPECT_EQ(write(Value{std::string("\xff")}), start + "': its text is not UTF-8");
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_NE(message_of<Error>([&] { write_pt(folder / "none" / "x.pt", Value{}); }).find("x.pt"), std::string::npos);
}

}  // namespace
}  // namespace springbok::tensors
