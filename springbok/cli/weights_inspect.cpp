// `springbok weights inspect`: what a weight file holds, and which networks of the zoo it fits.
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "springbok/base/choice.h"
#include "springbok/base/error.h"
#include "springbok/base/json.h"
#include "springbok/base/quote.h"
#include "springbok/cli/weights_commands.h"
#include "springbok/model/known_preprocess.h"
#include "springbok/model/network.h"
#include "springbok/tensors/bytes.h"
#include "springbok/tensors/read.h"
#include "springbok/weights/fit/candidates.h"

namespace springbok::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Asked {
  std::string entry;
  bool json = false;
};

Options option_table(Asked& asked) {
  return {
      {.key = "entry",
       .help = "key of the state dict inside the file, such as state_dict_ema; else it is found",
       .field = &asked.entry},
      {.key = "json", .help = "print JSON", .field = &asked.json},
  };
}

std::string kind_text(const std::string& kind) {
  if (kind == "zip") return "PyTorch";
  return kind == "legacy" ? "PyTorch, the form before 1.6" : kind;
}

/// A value beside the tensors, on one line of bounded length.
std::string value_text(const tensors::Value& value) {
  constexpr std::size_t kMost = 100;
  if (const auto* whole = std::get_if<std::int64_t>(&value.data)) return format("{}", *whole);
  if (const auto* real = std::get_if<double>(&value.data)) return format("{}", *real);
  if (const auto* truth = std::get_if<bool>(&value.data)) return *truth ? "true" : "false";
  const auto* text = std::get_if<std::string>(&value.data);
  if (text == nullptr) return describe(value);
  return tensors::printable(text->size() > kMost ? text->substr(0, kMost) + "..." : *text);
}

/// What the file holds beside tensors: metadata, or the root's other values.
std::map<std::string, std::string> beside(const tensors::File& file) {
  std::map<std::string, std::string> texts;
  for (const auto& [key, text] : file.metadata) texts[key] = value_text({text});
  const auto* root = std::get_if<tensors::Dict>(&file.root.data);
  if (root == nullptr || !texts.empty()) return texts;
  for (const auto& [key, value] : *root) {
    if (!std::holds_alternative<tensors::Tensor>(value.data)) texts[tensors::printable(key)] = value_text(value);
  }
  return texts;
}

/// `247 float32, 49 int64`.
std::string dtypes_text(const tensors::StateDict& dict) {
  std::map<std::string, std::int64_t> counts;
  for (const auto& item : dict) ++counts[name_of(item.second.dtype)];
  std::vector<std::string> parts;
  for (const auto& [name, count] : counts) parts.push_back(format("{} {}", count, name));
  return join(parts);
}

/// How messages name the entries: the root has no name of its own.
std::vector<std::string> entry_names(const tensors::File& file) {
  std::vector<std::string> names;
  for (const std::string& entry : tensors::entries(file))
    names.push_back(entry.empty() ? "the root" : tensors::printable(entry));
  return names;
}

void print_tensors(const tensors::StateDict& dict) {
  std::size_t width = 0;
  std::int64_t elements = 0;
  for (const auto& [name, tensor] : dict) {
    width = std::min<std::size_t>(std::max(width, name.size()), 60);
    elements += tensor.elements();
  }
  for (const auto& [name, tensor] : dict) {
    std::printf("  %-*s  %-8s  %s\n", static_cast<int>(width), tensors::printable(name).c_str(), name_of(tensor.dtype),
                tensors::shape_text(tensor.shape).c_str());
  }
  std::printf("%zu tensors, %s elements: %s\n", dict.size(), with_commas(elements).c_str(), dtypes_text(dict).c_str());
}

void print_models(const std::vector<weights::Candidate>& found) {
  std::vector<std::string> exact, near;
  for (const weights::Candidate& candidate : found) (candidate.exact ? exact : near).push_back(to_text(candidate));
  if (!exact.empty()) std::printf("fits: %s\n", join(exact).c_str());
  if (exact.empty()) std::printf("fits no model of the zoo; nearest: %s\n", near.empty() ? "none" : join(near).c_str());
}

Json models_json(const std::vector<weights::Candidate>& found) {
  Json list = Json::array();
  for (const weights::Candidate& candidate : found) {
    list.push_back({{"model", candidate.model},
                    {"exact", candidate.exact},
                    {"share", candidate.share},
                    {"names", candidate.naming},
                    {"classes", candidate.options.classes},
                    {"channels", candidate.options.channels},
                    {"stem", name_of(candidate.options.stem, zoo::stem_names())}});
  }
  return list;
}

/// How images are prepared for the weights, and how that is known; nothing where the network is not clear.
struct Prepared {
  std::string from;
  std::optional<data::Preprocess> preprocess = {};  ///< none where what the file says of itself is wrong
};

std::optional<Prepared> prepared(const tensors::File& file, const std::vector<weights::Candidate>& found) {
  try {
    if (const std::optional<model::Card> card = model::card_of(file)) {
      const std::string& from = card->preprocess_from;
      return Prepared{from.empty() ? "stored" : format("stored ({})", from), card->preprocess};
    }
    const auto exact = [](const weights::Candidate& candidate) { return candidate.exact; };
    if (std::count_if(found.begin(), found.end(), exact) != 1) return std::nullopt;
    const weights::Candidate& net = *std::find_if(found.begin(), found.end(), exact);
    const model::KnownPreprocess known = model::known_preprocess(file, net.model, net.options);
    return Prepared{known.from, known.preprocess};
  } catch (const Error& error) {
    return Prepared{error.what()};
  }
}

void print_prepared(const tensors::File& file, const std::vector<weights::Candidate>& found) {
  const auto how = prepared(file, found);
  if (!how) return;
  const std::string summary = how->preprocess ? data::summary(*how->preprocess) + "; " : "";
  std::printf("images: %s%s\n", summary.c_str(), one_line(how->from).c_str());
}

Json prepared_json(const Prepared& how) {
  if (!how.preprocess) return {{"error", how.from}};
  return {
      {"digest", data::digest(*how.preprocess)}, {"from", how.from}, {"preprocess", data::to_json(*how.preprocess)}};
}

void print_json(const tensors::File& file, const tensors::StateDict& dict) {
  const std::vector<weights::Candidate> found = weights::candidates(dict);
  Json tensors = Json::array();
  for (const auto& [name, tensor] : dict) {
    tensors.push_back({{"name", name}, {"dtype", name_of(tensor.dtype)}, {"shape", tensor.shape}});
  }
  Json json{{"file", file.name},           {"kind", file.kind},
            {"bytes", file.mapped.size()}, {"entries", entry_names(file)},
            {"beside", beside(file)},      {"models", models_json(found)},
            {"tensors", tensors}};
  if (const auto how = prepared(file, found)) json["images"] = prepared_json(*how);
  std::printf("%s\n", json_text(json, 1).c_str());
}

int run(const Asked& asked, const std::string& path) {
  const tensors::File file = tensors::read(path);
  const tensors::StateDict dict = tensors::state_dict(file, asked.entry);
  if (asked.json) {
    print_json(file, dict);
    return 0;
  }
  std::printf("%s: %s, %s\n", printable(file.name).c_str(), kind_text(file.kind).c_str(),
              human_bytes(file.mapped.size()).c_str());
  std::printf("tensors at: %s\n", join(entry_names(file)).c_str());
  for (const auto& [key, text] : beside(file)) std::printf("%s: %s\n", key.c_str(), text.c_str());
  print_tensors(dict);
  const std::vector<weights::Candidate> found = weights::candidates(dict);
  print_models(found);
  print_prepared(file, found);
  return 0;
}

}  // namespace

Command inspect_command() {
  const auto asked = std::make_shared<Asked>();
  const Options options = option_table(*asked);
  Command command{.name = "inspect",
                  .help = "Keys, shapes, types and metadata of a weight file, and the models it fits",
                  .options = options,
                  .words = {.name = "FILE", .help = ".pth, .pt, .pth.tar or .safetensors"}};
  command.run = [=](const Flags& flags, const std::vector<std::string>& words) {
    apply_flags(flags, options);
    if (words.size() != 1) fail_usage("weights inspect: give one weight file");
    return run(*asked, words.front());
  };
  return command;
}

}  // namespace springbok::cli
