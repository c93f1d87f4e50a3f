// Finding the state dict in what training scripts save.
#include <algorithm>
#include <array>

#include "springbok/base/error.h"
#include "springbok/weights/bytes.h"
#include "springbok/weights/read.h"

namespace springbok::weights {

namespace {

/// Where scripts put the weights, in order of preference; averages only where there is nothing else.
constexpr std::array kWrappers{
    "state_dict", "model_state_dict", "model_state",    "model",     "net", "network",        "module",
    "params",     "weights",          "state_dict_ema", "model_ema", "ema", "ema_state_dict", "params_ema"};

/// What wrappers of a network (DataParallel, torch.compile) put before every name.
constexpr std::array kPrefixes{std::string_view("module."), std::string_view("_orig_mod.")};

/// The count that torch.optim.swa_utils.AveragedModel keeps beside its `module.`.
constexpr std::string_view kAveraged = "n_averaged";

const Dict* as_dict(const Value* value) {
  return value == nullptr ? nullptr : std::get_if<Dict>(&value->data);
}

bool has_tensors(const Dict& dict) {
  return std::any_of(dict.begin(), dict.end(),
                     [](const auto& item) { return std::holds_alternative<Tensor>(item.value.data); });
}

const Dict* unwrap(const Dict& dict) {
  for (const char* name : kWrappers) {
    const Dict* inner = as_dict(find(dict, name));
    const Dict* found = inner == nullptr ? nullptr : unwrap(*inner);
    if (found != nullptr) return found;
  }
  return has_tensors(dict) ? &dict : nullptr;
}

/// The dictionary at a dotted path, whose parts may hold dots themselves.
const Dict* walk(const Dict& dict, const std::string& path) {
  if (const Dict* here = as_dict(find(dict, path))) return here;
  for (std::size_t dot = path.find('.'); dot != std::string::npos; dot = path.find('.', dot + 1)) {
    const Dict* inner = as_dict(find(dict, path.substr(0, dot)));
    const Dict* found = inner == nullptr ? nullptr : walk(*inner, path.substr(dot + 1));
    if (found != nullptr) return found;
  }
  return nullptr;
}

/// Bounded, since a hostile tree has long names and many levels.
void list_entries(const Dict& dict, const std::string& path, int level, std::vector<std::string>& out) {
  constexpr int kMostLevels = 8;
  constexpr std::size_t kMostEntries = 100, kLongestName = 1000;
  if (level > kMostLevels || out.size() >= kMostEntries) return;
  if (has_tensors(dict)) out.push_back(path);
  for (const auto& [key, value] : dict) {
    const Dict* inner = as_dict(&value);
    if (inner == nullptr || key.integer || key.size() > kLongestName) continue;
    list_entries(*inner, path + (path.empty() ? "" : ".") + key, level + 1, out);
  }
}

/// `tensors at: a, b` or, without any, `no tensors, but: epoch (integer), ...`.
std::string contents(const File& file) {
  constexpr std::size_t kMost = 12;
  std::vector<std::string> parts;
  for (const std::string& entry : entries(file)) parts.push_back(entry.empty() ? "its root" : printable(entry));
  const bool tensors = !parts.empty();
  const Dict* root = as_dict(&file.root);
  if (!tensors && root == nullptr) return "a " + describe(file.root);
  if (!tensors) {
    for (const auto& [key, value] : *root) parts.push_back(format("{} ({})", printable(key), describe(value)));
  }
  const std::size_t count = parts.size();
  if (count > kMost) parts.resize(kMost);
  return (tensors ? "tensors at: " : "no tensors, but: ") + join(parts) + (count > kMost ? ", ..." : "");
}

bool all_begin(const StateDict& dict, std::string_view prefix) {
  return !dict.empty() && std::all_of(dict.begin(), dict.end(), [&](const auto& item) {
    return item.first.starts_with(prefix) && item.first.size() > prefix.size();
  });
}

void strip_prefixes(StateDict& dict) {
  const auto averaged =
      std::find_if(dict.begin(), dict.end(), [](const auto& item) { return item.first == kAveraged; });
  if (averaged != dict.end() && dict.size() > 1) {
    StateDict others = dict;
    others.erase(others.begin() + (averaged - dict.begin()));
    if (all_begin(others, kPrefixes[0])) dict = std::move(others);
  }
  constexpr int kMostTimes = 4;  // DistributedDataParallel around torch.compile around DataParallel, and one to spare
  bool stripped = true;
  for (int times = 0; stripped && times < kMostTimes; ++times) {
    stripped = false;
    for (const std::string_view prefix : kPrefixes) {
      if (!all_begin(dict, prefix)) continue;
      for (auto& item : dict) item.first.erase(0, prefix.size());
      stripped = true;
    }
  }
}

}  // namespace

std::vector<std::string> entries(const File& file) {
  std::vector<std::string> out;
  if (const Dict* root = as_dict(&file.root)) list_entries(*root, "", 0, out);
  return out;
}

StateDict state_dict(const File& file, const std::string& entry) {
  const Dict* root = as_dict(&file.root);
  const Dict* place = root;
  if (root != nullptr && !entry.empty()) {
    place = walk(*root, entry);
    if (place == nullptr) fail("{}: there is no entry '{}'; the file holds {}", file.name, entry, contents(file));
  }
  const Dict* found = place == nullptr ? nullptr : unwrap(*place);
  if (found == nullptr) {
    fail("{}: no state dict {}; the file holds {}", file.name,
         entry.empty() ? "where training scripts put it (name its entry)" : "in '" + entry + "'", contents(file));
  }
  StateDict dict;
  for (const auto& [key, value] : *found) {
    if (const auto* tensor = std::get_if<Tensor>(&value.data)) dict.emplace_back(key, *tensor);
  }
  strip_prefixes(dict);
  return dict;
}

}  // namespace springbok::weights
