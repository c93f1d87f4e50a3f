// Pickles that try to run code, to point outside, to grow or never to end.
#include <gtest/gtest.h>

#include <limits>

#include "springbok/tensors/bytes.h"
#include "tests/tensors/hostile.h"

namespace springbok::tensors {
namespace {

void expect_message(const std::string& pickle, const std::string& part) {
  const std::string message = outcome(torch_file(pickle));
  EXPECT_NE(message.find(part), std::string::npos) << message;
}

std::string repeat(const std::string& text, std::size_t count) {
  std::string out;
  out.reserve(text.size() * count);
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

TEST(HostilePickle, ClassesThatAreNotPlainDataAreNamed) {
  EXPECT_EQ(outcome(torch_file(call(global("posix", "system"), {text("echo gone wrong")}))),
            "x.pth: holds a 'posix.system' object, which is not plain data; re-save it as a state_dict");
  EXPECT_EQ(outcome(torch_file(text("os") + text("system") + "\x93")),
            "x.pth: holds a 'os.system' object, which is not plain data; re-save it as a state_dict");
  for (const auto& [module, name] : {std::pair("builtins", "eval"), std::pair("builtins", "getattr"),
                                     std::pair("__builtin__", "exec"), std::pair("torch.storage", "_load_from_bytes"),
                                     std::pair("torchvision.models.resnet", "ResNet"), std::pair("", "")}) {
    expect_message(global(module, name), "holds a '" + std::string(module) + "." + name + "' object");
  }
  EXPECT_EQ(
      outcome(torch_file(global("torch", "ComplexFloatStorage"))),
      "x.pth: holds a 'torch.ComplexFloatStorage' of an element type that Springbok has not; convert it with torch "
      "and re-save it");
  expect_message(global("evil\x1b[2J\x07", std::string(1000, 'x')), "holds a 'evil\\x1B[2J\\x07.xxx");
}

TEST(HostilePickle, OnlyDataTypesCanBeCalled) {
  expect_message(call(global("builtins", "int"), {integer(1)}), "a call of 'builtins.int'");
  expect_message(call(global("torch", "FloatStorage"), {}), "a call of 'torch.FloatStorage'");
  expect_message(call(text("x"), {}), "a call of something that is no class or function");
  expect_message(global("collections", "OrderedDict") + "NR", "a call without a tuple of arguments");
  const std::string nested =
      call(global("torch._tensor", "_rebuild_from_type_v2"),
           {global("torch._tensor", "_rebuild_from_type_v2"), global("torch", "Tensor"), "()t", "N"});
  expect_message(nested, "a tensor made by something else than a tensor's function");
}

TEST(HostilePickle, TensorsStayInsideTheirStorage) {
  constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(outcome(torch_file(dict(tensor(0, {2, 2}, {2, 1})))), "read");
  EXPECT_EQ(outcome(torch_file(dict(tensor(4, {0, 7}, {1, 1})))), "read");
  expect_message(tensor(1, {2, 2}, {2, 1}), "a tensor outside its storage");
  expect_message(tensor(5, {0}, {1}), "a tensor outside its storage");
  expect_message(tensor(-1, {1}, {1}), "a tensor outside its storage");
  expect_message(tensor(0, {2}, {4}), "a tensor outside its storage");
  expect_message(tensor(0, {2}, {kHuge}), "a tensor outside its storage");
  expect_message(tensor(0, {3}, {kHuge}), "a tensor outside its storage");
  expect_message(tensor(kHuge, {1}, {1}), "a tensor outside its storage");
  expect_message(tensor(0, {2}, {-1}), "a tensor with a negative stride");
  expect_message(tensor(0, {-1}, {1}), "a tensor of an impossible shape");
  expect_message(tensor(0, {2, 2}, {1}), "a tensor of an impossible shape");
  expect_message(tensor(0, {kHuge, kHuge}, {0, 0}), "a tensor of an impossible shape");
  expect_message(tensor(0, {0, kHuge, kHuge}, {0, 0, 0}), "a tensor of an impossible shape");
  expect_message(tensor(0, std::vector<std::int64_t>(65, 1), std::vector<std::int64_t>(65, 1)), "an impossible shape");
}

TEST(HostilePickle, ShapesWithoutStridesDoNotOutgrowTheFile) {
  expect_message(tensor(0, {1'000'000'000}, {0}), "more elements than the file has room for");
  expect_message(tensor(0, {1'000'000, 1'000'000}, {0, 0}), "more elements than the file has room for");
}

TEST(HostilePickle, StoragesAreThoseOfTheFile) {
  expect_message(tensor(0, {1}, {1}, 5), "storage '0' has 16 bytes, its tensors need 20");
  expect_message(tensor(0, {1}, {1}, std::int64_t{1} << 61), "storage '0' is larger than the file");
  expect_message(tensor(0, {1}, {1}, -1), "storage '0' is larger than the file");
  for (const char* key : {"1", "../../../../etc/passwd", "/etc/passwd", "..", ""}) {
    expect_message(tensor(0, {1}, {1}, 4, key), "the archive has no record 'x/data/" + std::string(key) + "'");
  }
  expect_message(tuple({text("module"), "N", text("x.py"), text("source"), integer(1)}) + "Q",
                 "a reference to something that is no storage");
  const auto view = [](std::int64_t first, std::int64_t count) {
    return tuple({text("storage"), global("torch", "FloatStorage"), text("0"), text("cpu"), integer(4),
                  tuple({text("1"), integer(first), integer(count)})}) +
           "Q";
  };
  for (const auto& [first, count] : {std::pair(-1, 1), std::pair(0, -1), std::pair(3, 2), std::pair(5, 0)}) {
    expect_message(view(first, count), "a storage view outside its storage");
  }
  expect_message(text("storage") + "Q", "a reference to something that is no storage");
}

TEST(HostilePickle, CirclesAndDepthsEnd) {
  expect_message(
      "]q\x01h\x01"
      "a",
      "nested deeper than 200 levels (or in a circle)");
  expect_message("}q\x01" + text("a") + "h\x01s", "nested deeper than 200 levels (or in a circle)");
  expect_message(
      "]q\x01h\x01\x85q\x02h\x02"
      "a",
      "");  // a list in a tuple in the list
  EXPECT_EQ(outcome(torch_file(repeat("]", 150) + repeat("a", 149))), "read");
  expect_message(repeat("]", 1'000'000) + repeat("a", 999'999), "nested deeper than 200 levels");
  expect_message(repeat("(", 1'000'000) + repeat("t", 1'000'000), "nested deeper than 200 levels");
  expect_message("}" + repeat("(", 100'000) + repeat("t", 100'000) + "Ns", "nested deeper than 200 levels");
}

TEST(HostilePickle, RepetitionDoesNotGrow) {
  std::string laughs = "(" + repeat("N", 10) + "lq" + std::string(1, '\0') + "0";
  for (char level = 1; level < 12; ++level) {
    laughs += "(" + repeat(std::string("h") + static_cast<char>(level - 1), 10) + "lq" + level + "0";
  }
  expect_message(laughs + "h\x0b", "repeats its contents without end");
  const std::string big = text(std::string(100'000, 'x')) +
                          "q\x01"
                          "0";
  expect_message(big + "(" + repeat("h\x01", 10'000) + "l", "repeats its contents without end");
  const std::string view = tensor(0, std::vector<std::int64_t>(64, 1), std::vector<std::int64_t>(64, 1)) +
                           "q\x01"
                           "0";
  expect_message(view + "(" + repeat("h\x01", 5'000) + "l", "repeats its contents without end");
  const std::string encode = global("_codecs", "encode") +
                             "q\x02"
                             "0" +
                             text(std::string(10'000, 'x')) +
                             "q\x01"
                             "0";
  const std::string many = "(" + repeat("N", 10'000) +
                           "tq\x01"
                           "0";
  expect_message(many + "(" + repeat(global("builtins", "list") + "h\x01\x85R", 100) + "l",
                 "a container copied too often");
  const std::string name = text(std::string(100'000, 'x')) +
                           "q\x02"
                           "0" +
                           text("omegaconf") +
                           "q\x01"
                           "0";
  expect_message(name + "(" + repeat("h\x01h\x02\x93", 1'000) + "l", "which is not plain data");
  expect_message(encode + "(" + repeat("h\x02h\x01\x85R", 1'000) + "l", "text decoded too often");
}

// outcome() holds them to the memory that a file's size justifies.
TEST(HostilePickle, ManySmallObjectsTakeLittleMemory) {
  constexpr std::size_t kMany = 300'000;
  for (const char* one : {"N", "]", "}", "K\x05", "2", ")"}) {
    EXPECT_EQ(outcome(torch_file("(]" + repeat(one, kMany) + "l")), "read") << one;
  }
  EXPECT_EQ(outcome(torch_file("(" + text(std::string(63, 'x')) + repeat("2", kMany) + "l")), "read");
  EXPECT_EQ(outcome(torch_file("(" + tensor(0, {}, {}) + repeat("2", kMany) + "l")), "read");
}

TEST(HostilePickle, NumbersThatLieAboutLengths) {
  const std::string huge(8, '\xff');
  expect_message("X\xff\xff\xff\xff", "the pickle is cut");
  expect_message("\x8d" + huge, "the pickle is cut");
  expect_message("\x8e" + huge, "the pickle is cut");
  expect_message("\x96" + huge, "the pickle is cut");
  expect_message("\x8b\xff\xff\xff\x7f", "the pickle is cut");
  expect_message("Nr\xff\xff\xff\xff", "a memo number larger than the pickle");
  expect_message("j\xff\xff\xff\xff", "a memo number that was never set");
  EXPECT_EQ(outcome(torch_file("\x95" + huge + "N")), "read");  // a frame's length is a hint
}

TEST(HostilePickle, StacksThatDoNotAddUp) {
  for (const char* pickle : {"",     "0",    "t", "e", "a",   "s",   "u",    "R", "b", "q\x01", "\x85",
                             "\x81", "\x93", "Q", "(", "((t", "N(a", "](Na", "1", "2", "l",     "\x90"}) {
    const std::string message = outcome(torch_file(pickle));
    EXPECT_NE(message.find("x.pth: damaged: "), std::string::npos) << pickle << ": " << message;
  }
  expect_message("NN", "objects left over");
  expect_message("NNa", "items for something that is no list");
  expect_message("NNNs", "items for something that is no dictionary");
  expect_message("}(Nu", "a key without a value");
  expect_message("NNb", "attributes of something that has none");
  expect_message("}]Ns", "a dictionary key that is not plain data");
  expect_message("}(" + text("a") + "N" + text("a") + "Nu", "the key 'a' is there twice");
  for (const char* opcode : {"I1\n", "S'x'\n", "P1\n", "ios\nsystem\n", "\x82\x01", "\x97", "\xff"}) {
    expect_message(opcode, "which is none of pickle protocols 2 to 5");
  }
}

TEST(HostilePickle, NumPyValuesThatLie) {
  const auto dtype = [](const std::string& name) {
    return call(global("numpy", "dtype"), {text(name)}) + tuple({integer(3), text("<")}) + "b";
  };
  const auto bytes = [](std::size_t size) {
    std::string out = "B";
    append_le(out, static_cast<std::uint32_t>(size));
    return out + std::string(size, '\1');
  };
  const std::string scalar = global("numpy.core.multiarray", "scalar");
  EXPECT_EQ(outcome(torch_file(call(scalar, {dtype("f8"), bytes(8)}))), "read");
  for (const char* name : {"f8", "f0", "i0", "b0", "u9", "f99999999999", "O8", "U5", "f8,f8", "V3"}) {
    EXPECT_EQ(outcome(torch_file(call(scalar, {dtype(name), bytes(3)}))), "read") << name;  // kept as Opaque
  }
  const auto array = [&](const std::vector<std::int64_t>& shape, std::size_t size) {
    return call(global("numpy.core.multiarray", "_reconstruct"), {global("numpy", "ndarray"), sizes({0}), text("b")}) +
           tuple({integer(1), sizes(shape), dtype("f4"), "\x89", bytes(size)}) + "b";
  };
  EXPECT_EQ(outcome(torch_file(array({2, 3}, 24))), "read");
  expect_message(array({2, 3}, 23), "an array with more or fewer bytes than its shape says");
  expect_message(array({std::int64_t{1} << 62, 4}, 24), "an array of an impossible shape");
  expect_message(array({std::int64_t{1} << 62}, 24), "an array with more or fewer bytes than its shape says");
  expect_message(array({-1}, 24), "an array of an impossible shape");
}

}  // namespace
}  // namespace springbok::tensors
