// Building hostile files, and reading them under watch.
#include "tests/tensors/hostile.h"

#include <gtest/gtest.h>

#include "springbok/base/error.h"
#include "springbok/tensors/bytes.h"
#include "springbok/tensors/convert.h"
#include "springbok/tensors/read.h"
#include "springbok/tensors/zip/writer.h"
#include "tests/tensors/allocation.h"

namespace springbok::tensors {

namespace {

/// Reads every byte that a tensor claims.
void touch(const Value& value) {
  if (const auto* tensor = std::get_if<Tensor>(&value.data)) {
    std::vector<std::byte> copy(static_cast<std::size_t>(tensor->elements()) * size_of(tensor->dtype));
    copy_elements(*tensor, copy);
  } else if (const auto* list = std::get_if<List>(&value.data)) {
    for (const Value& item : *list) touch(item);
  } else if (const auto* dict = std::get_if<Dict>(&value.data)) {
    for (const auto& item : *dict) touch(item.value);
  }
}

}  // namespace

std::string archive(const std::vector<std::pair<std::string, std::string>>& records) {
  std::string out;
  ZipWriter zip([&](std::span<const std::byte> bytes) { out += as_text(bytes); });
  for (const auto& [name, data] : records) zip.add(name, data);
  zip.finish();
  return out;
}

std::string torch_file(const std::string& pickle, std::size_t storage) {
  return archive(
      {{"x/data.pkl", "\x80\x02" + pickle + "."}, {"x/data/0", std::string(storage, '\1')}, {"x/version", "3"}});
}

std::string outcome(const std::string& bytes) {
  const AllocationMeter meter;
  std::string message = "read";
  try {
    const File file = read(as_bytes(bytes), nullptr, "x.pth");
    touch(file.root);
    try {
      state_dict(file);
    } catch (const Error&) {  // a tree without one
    }
  } catch (const Error& error) {
    message = error.what();
    EXPECT_TRUE(message.starts_with("x.pth: ")) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
  EXPECT_LE(meter.peak(), 100'000 + 192 * bytes.size());
  return message;
}

std::string text(const std::string& value) {
  std::string out = "X";
  append_le(out, static_cast<std::uint32_t>(value.size()));
  return out + value;
}

std::string integer(std::int64_t value) {
  std::string out = "\x8a\x08";
  append_le(out, value);
  return out;
}

std::string tuple(const std::vector<std::string>& items) {
  std::string out = "(";
  for (const std::string& item : items) out += item;
  return out + "t";
}

std::string global(const std::string& module, const std::string& name) {
  return "c" + module + "\n" + name + "\n";
}

std::string call(const std::string& function, const std::vector<std::string>& arguments) {
  return function + tuple(arguments) + "R";
}

std::string sizes(const std::vector<std::int64_t>& values) {
  std::vector<std::string> items;
  for (const std::int64_t value : values) items.push_back(integer(value));
  return tuple(items);
}

std::string tensor(std::int64_t offset, const std::vector<std::int64_t>& shape,
                   const std::vector<std::int64_t>& strides, std::int64_t total, const std::string& key) {
  const std::string storage =
      tuple({text("storage"), global("torch", "FloatStorage"), text(key), text("cpu"), integer(total)}) + "Q";
  return call(global("torch._utils", "_rebuild_tensor_v2"),
              {storage, integer(offset), sizes(shape), sizes(strides), "\x89", "N"});
}

std::string dict(const std::string& value) {
  return "}" + text("a") + value + "s";
}

}  // namespace springbok::tensors
