// Finding the state dict in what training scripts save.
#include <algorithm>
#include <array>

#include "springbok/base/error.h"
#include "springbok/tensors/bytes.h"
#include "springbok/tensors/read.h"

namespace springbok::tensors {

namespace {

/// Where scripts put the weights, in order of preference.
constexpr std::array kWrappers{"state_dict", "model_state_dict", "model_state", "model",  "net",
                               "network",    "module",           "params",      "weights"};

/// Where they put averages of them, which are taken only where there is nothing else.
constexpr std::array kAverages{"state_dict_ema", "model_ema", "ema", "ema_state_dict", "params_ema"};

/// What wrappers of a network (DataParallel, torch.compile) put before every name.
constexpr std::array kPrefixes{std::string_view("module."), std::string_view("_orig_mod.")};

/// What wrappers of parts of a network (FSDP, activation checkpointing, torch.compile) put into names, anywhere.
constexpr std::array kInfixes{std::string_view("_fsdp_wrapped_module."),
                              std::string_view("_checkpoint_wrapped_module."), std::string_view("_orig_mod.")};

constexpr std::size_t kLongestName = 1000;  ///< of a part of a path: a hostile tree has long names and many levels

/// The count that torch.optim.swa_utils.AveragedModel keeps beside its `module.`.
constexpr std::string_view kAveraged = "n_averaged";

const Dict* as_dict(const Value* value) {
  return value == nullptr ? nullptr : std::get_if<Dict>(&value->data);
}

bool has_tensors(const Dict& dict) {
  return std::any_of(dict.begin(), dict.end(),
                     [](const auto& item) { return std::holds_alternative<Tensor>(item.value.data); });
}

std::size_t tensors_in(const Dict& dict) {
  return static_cast<std::size_t>(std::count_if(
      dict.begin(), dict.end(), [](const auto& item) { return std::holds_alternative<Tensor>(item.value.data); }));
}

const Dict* unwrap(const Dict& dict);

template <std::size_t N>
const Dict* unwrap_one_of(const std::array<const char*, N>& names, const Dict& dict) {
  for (const char* name : names) {
    const Dict* inner = as_dict(find(dict, name));
    const Dict* found = inner == nullptr ? nullptr : unwrap(*inner);
    if (found != nullptr) return found;
  }
  return nullptr;
}

/// The dictionary that holds the weights by the names of what is around it; null where nothing has such a name.
const Dict* unwrap(const Dict& dict) {
  if (const Dict* found = unwrap_one_of(kWrappers, dict)) return found;
  const std::size_t own = tensors_in(dict);
  const Dict* average = unwrap_one_of(kAverages, dict);
  if (average != nullptr && tensors_in(*average) > own) return average;
  return own > 0 ? &dict : nullptr;
}

/// A dictionary's tensors, and those of dictionaries in it (a network's parts, several networks) under dotted names.
void collect(const Dict& dict, const std::string& path, int levels, StateDict& out) {
  for (const auto& [key, value] : dict) {
    if (const auto* tensor = std::get_if<Tensor>(&value.data)) out.emplace_back(path + key, *tensor);
    const Dict* inner = as_dict(&value);
    const bool other = key.integer || key.find("optim") != std::string::npos || key.size() > kLongestName;
    if (inner == nullptr || other || levels == 0) continue;
    const Dict* found = unwrap(*inner);
    collect(found == nullptr ? *inner : *found, path + key + ".", levels - 1, out);
  }
}

StateDict collect(const Dict& dict) {
  constexpr int kMostLevels = 2;
  StateDict tensors;
  const Dict* found = unwrap(dict);
  collect(found == nullptr ? dict : *found, "", kMostLevels, tensors);
  return tensors;
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
  constexpr std::size_t kMostEntries = 100;
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

void strip_infixes(StateDict& dict) {
  for (auto& item : dict) {
    for (const std::string_view infix : kInfixes) {
      for (std::size_t at = item.first.find(infix); at != std::string::npos; at = item.first.find(infix, at)) {
        if (at == 0 || item.first[at - 1] == '.') {
          item.first.erase(at, infix.size());
        } else {
          at += infix.size();
        }
      }
    }
  }
}

/// Those whose names begin with the prefix, without it.
StateDict behind(const StateDict& dict, const std::string& prefix) {
  StateDict tensors;
  for (const auto& [name, tensor] : dict) {
    if (name.starts_with(prefix) && name.size() > prefix.size())
      tensors.emplace_back(name.substr(prefix.size()), tensor);
  }
  return tensors;
}

}  // namespace

std::vector<std::string> entries(const File& file) {
  std::vector<std::string> out;
  if (const Dict* root = as_dict(&file.root)) list_entries(*root, "", 0, out);
  return out;
}

StateDict named_tensors(const File& file, const std::string& entry) {
  const Dict* root = as_dict(&file.root);
  const Dict* place = root == nullptr || entry.empty() ? root : walk(*root, entry);
  StateDict dict;
  if (place != nullptr) {
    dict = collect(*place);
  } else if (root != nullptr) {
    dict = behind(collect(*root), entry + ".");  // no entry of the tree, but of the names
    if (dict.empty()) fail("{}: there is no entry '{}'; the file holds {}", file.name, entry, contents(file));
  }
  if (dict.empty()) {
    fail("{}: no state dict {}; the file holds {}", file.name,
         entry.empty() ? "where training scripts put it (name its entry)" : "in '" + entry + "'", contents(file));
  }
  strip_infixes(dict);
  return dict;
}

StateDict state_dict(const File& file, const std::string& entry) {
  StateDict dict = named_tensors(file, entry);
  strip_prefixes(dict);
  return dict;
}

}  // namespace springbok::tensors
