// `springbok weights convert`: the same tensors in another form, under the zoo's names, or in half precision.
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "springbok/base/error.h"
#include "springbok/base/quote.h"
#include "springbok/cli/compute.h"
#include "springbok/cli/outputs.h"
#include "springbok/cli/weights_commands.h"
#include "springbok/tensors/convert.h"
#include "springbok/tensors/write.h"

namespace springbok::cli {
namespace {

struct Asked {
  std::string model, entry, classes;
  std::vector<std::string> allow;
  recipe::TaskChoice task = recipe::TaskChoice::automatic;
  bool half = false;
  PreprocessFlags preprocess;
};

Options option_table(Asked& asked) {
  Options options{
      {.key = "model",
       .help = "give the tensors this model's names, check that it is whole, and write what predict needs beside them",
       .field = &asked.model},
      {.key = "entry", .help = "key of the state dict inside IN, such as state_dict_ema", .field = &asked.entry},
      {.key = "classes",
       .help = "with --model: file with one class name a line; else 1000 classes are ImageNet's, others numbers",
       .field = &asked.classes},
      allow_option(asked.allow),
      task_option(asked.task),
      {.key = "half", .help = "write floating-point tensors as float16", .field = &asked.half},
  };
  for (Option& option : option_table(asked.preprocess)) options.push_back(std::move(option));
  return options;
}

/// What goes into the file.
struct Content {
  tensors::StateDict tensors;
  std::map<std::string, std::string> metadata;
};

/// Under the model's names and with a card; parameters that are not there stay away.
Content of_model(const Asked& asked, const tensors::File& file) {
  model::Described found =
      model::open_weights(file, {.model = asked.model,
                                 .entry = asked.entry,
                                 .classes = asked.classes,
                                 .allow = asked.allow,
                                 .remedy = format("'springbok weights inspect {}' names the models it fits", file.name),
                                 .task = task_asked(asked.task)});
  std::fprintf(stderr, "%s\n", one_line(line_of(file, found.weights)).c_str());
  apply(asked.preprocess, found.card, found.preprocess_assumed, file.name);
  Content content{.tensors = {}, .metadata = model::to_metadata(found.card)};
  const weights::Fit& fit = found.weights.fit;
  for (const tensors::Pair& pair : fit.match.pairs) content.tensors.push_back(fit.dict[pair.entry]);
  return content;
}

/// As they are, with what the file says of itself, but for its preprocessing where that is asked for.
Content as_is(const Asked& asked, const tensors::File& file) {
  std::string said;
  Content content{.tensors = weights::tensors_of(file, asked.entry, said), .metadata = file.metadata};
  if (!said.empty()) std::fprintf(stderr, "%s\n", one_line(said).c_str());
  const std::string flag = first_given(asked.preprocess);
  if (!file.metadata.empty() && flag.empty()) return content;
  std::optional<model::Card> card = model::card_of(file);
  if (!card && !flag.empty()) fail_usage("{}: has no effect on bare weights without --model", flag);
  if (!card) return content;
  apply(asked.preprocess, *card, false, file.name);
  for (auto& [key, text] : model::to_metadata(*card)) content.metadata[key] = text;
  return content;
}

/// Throws Error where a number has no float16.
tensors::StateDict halved(const tensors::StateDict& dict, const std::string& where) {
  tensors::StateDict half = tensors::convert(dict, tensors::DType::f16);
  for (std::size_t i = 0; i < dict.size(); ++i) {
    if (!tensors::is_float(dict[i].second.dtype)) continue;
    std::vector<double> before(static_cast<std::size_t>(dict[i].second.elements())), after(before.size());
    to_doubles(dict[i].second, before);
    to_doubles(half[i].second, after);
    for (std::size_t k = 0; k < before.size(); ++k) {
      if (!std::isfinite(before[k]) || std::isfinite(after[k])) continue;
      fail("{}: {} holds {:g}, more than float16's 65504; leave out --half", where, dict[i].first, before[k]);
    }
  }
  return half;
}

void write(const std::string& path, const Content& content) {
  if (path.ends_with(".safetensors")) return tensors::write_safetensors(path, content.tensors, content.metadata);
  tensors::Dict root;
  for (const auto& [name, tensor] : content.tensors) root.emplace_back(name, tensors::Value{tensor});
  tensors::write_pt(path, {root});
}

int run(const Asked& asked, const std::string& in, const std::string& out) {
  if (!out.ends_with(".safetensors") && !out.ends_with(".pt") && !out.ends_with(".pth"))
    fail_usage("{}: what to write is told by the ending: .safetensors, .pt or .pth", out);
  if (asked.model.empty() && !asked.classes.empty()) fail_usage("--classes: has no effect without --model");
  if (asked.model.empty() && !asked.allow.empty()) fail_usage("--allow: has no effect without --model");
  if (asked.model.empty() && task_asked(asked.task)) fail_usage("--task: has no effect without --model");
  if (const std::string flag = first_given(asked.preprocess); !flag.empty() && !out.ends_with(".safetensors")) {
    fail_usage("{}: cannot be stored in {}, which holds tensors only; write a .safetensors", flag, out);
  }
  const tensors::File file = tensors::read(in);
  Content content = asked.model.empty() ? as_is(asked, file) : of_model(asked, file);
  if (asked.half) content.tensors = halved(content.tensors, in);
  write(out, content);
  std::printf("%s: %zu tensors, %s\n", printable(out).c_str(), content.tensors.size(),
              human_bytes(std::filesystem::file_size(out)).c_str());
  return 0;
}

}  // namespace

Command convert_command() {
  const auto asked = std::make_shared<Asked>();
  const Options options = option_table(*asked);
  Command command{.name = "convert",
                  .help = "Write a file's tensors as .safetensors, or as a .pt that torch.load opens",
                  .options = options,
                  .words = {.name = "FILES", .help = "IN OUT", .many = true}};
  command.run = [=](const Flags& flags, const std::vector<std::string>& words) {
    apply_flags(flags, options);
    if (words.size() != 2) fail_usage("weights convert: give the file to read and the file to write");
    check_outputs({{"OUT", words[1]}}, {{"IN", words[0]}, {"--classes", asked->classes}});
    return run(*asked, words[0], words[1]);
  };
  return command;
}

}  // namespace springbok::cli
