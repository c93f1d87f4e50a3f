// The safetensors form, laid out as its own writer does: by type, then name; the header padded to eight bytes.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/half_written.h"
#include "springbok/tensors/bytes.h"
#include "springbok/tensors/convert.h"
#include "springbok/tensors/safetensors.h"
#include "springbok/tensors/write.h"

namespace springbok::tensors {

namespace {

using Item = StateDict::value_type;

std::vector<const Item*> in_order(const StateDict& tensors) {
  std::vector<const Item*> order;
  for (const Item& item : tensors) order.push_back(&item);
  std::stable_sort(order.begin(), order.end(), [](const Item* a, const Item* b) {
    const int left = safetensors_rank(a->second.dtype), right = safetensors_rank(b->second.dtype);
    return left != right ? left > right : a->first < b->first;
  });
  return order;
}

std::size_t size_of(const Tensor& tensor) {
  return static_cast<std::size_t>(tensor.elements()) * tensors::size_of(tensor.dtype);
}

void check_text(const std::string& text, const std::string& file) {
  if (!is_utf8(text)) fail("{}: cannot write '{}': it is not UTF-8", file, printable(text));
}

/// As JSON writes it, quotes and all.
std::string quoted(const std::string& text, const std::string& file) {
  check_text(text, file);
  return nlohmann::json(text).dump();
}

/// `{"format":"pt","model":"resnet18"}`.
std::string metadata_text(const std::map<std::string, std::string>& metadata, const std::string& file) {
  std::string text;
  for (const auto& [key, value] : metadata) {
    text += (text.empty() ? "{" : ",") + quoted(key, file) + ":" + quoted(value, file);
  }
  return text + "}";
}

/// The header, written entry by entry: a JSON object of hundreds of thousands of keys in order costs their square.
std::string header_of(const std::vector<const Item*>& order, const std::map<std::string, std::string>& metadata,
                      const std::string& file) {
  std::string text = "{";
  if (!metadata.empty()) text += "\"__metadata__\":" + metadata_text(metadata, file);
  std::unordered_set<std::string_view> seen;
  std::size_t offset = 0;
  for (const Item* item : order) {
    const auto& [name, tensor] = *item;
    const std::string key = quoted(name, file);
    if (name == "__metadata__") fail("{}: cannot write '{}': the format keeps that name for itself", file, name);
    if (!seen.insert(name).second) fail("{}: cannot write '{}': the name is there twice", file, printable(name));
    const std::size_t end = offset + size_of(tensor);
    text += format("{}{}:{{\"dtype\":\"{}\",\"shape\":[{}],\"data_offsets\":[{},{}]}}", text.size() == 1 ? "" : ",",
                   key, safetensors_name(tensor.dtype), fmt::join(tensor.shape, ","), offset, end);
    offset = end;
  }
  text += '}';
  text.append((8 - text.size() % 8) % 8, ' ');
  return text;
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, const StateDict& tensors,
                       const std::map<std::string, std::string>& metadata) {
  const std::vector<const Item*> order = in_order(tensors);
  const std::string header = header_of(order, metadata, path.string());
  std::string length;
  append_le(length, std::uint64_t{header.size()});
  clear_half_written(path);
  AtomicFile file(path);
  file.write(length);
  file.write(header);
  for (const Item* item : order) {
    const Tensor tensor = contiguous(item->second);
    file.write(tensor.bytes.first(size_of(tensor)));
  }
  file.commit();
}

}  // namespace springbok::tensors
