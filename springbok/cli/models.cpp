// `springbok models`: the zoo listed, and one network's table or diagram.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/base/json.h"
#include "springbok/cli/command.h"
#include "springbok/cli/model_steps.h"
#include "springbok/graph/print.h"
#include "springbok/zoo/models_document.h"
#include "springbok/zoo/zoo.h"

namespace springbok::cli {
namespace {

struct Asked {
  std::string name;
  std::int64_t input = 0;
  zoo::ModelOptions options;
  bool json = false, steps = false, names = false, markdown = false;
};

Options option_table(Asked& asked) {
  Options options{
      {.key = "json", .help = "print JSON", .field = &asked.json},
      {.key = "steps",
       .help = "print which kernel each layer gets in training and in evaluation, and why",
       .field = &asked.steps},
      {.key = "input",
       .help = "height and width of the input; 0: the published size",
       .field = &asked.input,
       .min = 0,
       .max = 1 << 16},
      {.key = "num_classes", .help = "outputs", .field = &asked.options.classes, .min = 1, .max = 1 << 24},
      {.key = "channels", .help = "input channels", .field = &asked.options.channels, .min = 1, .max = 1 << 16},
  };
  const Options model = zoo::option_table(asked.options);
  options.insert(options.end(), model.begin(), model.end());
  return options;
}

/// Reads the command line and builds the network it names.
graph::Graph build(Asked& asked, const Flags& flags, const std::vector<std::string>& words) {
  apply_flags(flags, option_table(asked));
  if (words.empty()) fail_usage("models: give a model's name; see 'springbok models list'");
  asked.name = words.front();
  if (asked.input == 0) asked.input = zoo::find_model(asked.name).input;
  return zoo::build(asked.name, asked.options);
}

int list(const Asked& asked) {
  if (asked.names + asked.json + asked.markdown > 1) {
    fail_usage("models list: --names, --json and --markdown are three forms of the list; give one");
  }
  if (asked.markdown) {
    std::printf("%s", zoo::models_document().c_str());
    return 0;
  }
  if (asked.names) {
    for (const zoo::ModelInfo& model : zoo::models()) std::printf("%s\n", model.name.c_str());
    return 0;
  }
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  if (!asked.json)
    std::printf("%-26s %-24s %10s %10s %6s %7s %7s  %s\n", "model", "family", "params", "MACs", "input", "top-1",
                "top-5", "paper");
  for (const zoo::ModelInfo& model : zoo::models()) {
    const graph::Cost cost = graph::cost(zoo::build(model.name), model.input, model.input);
    if (asked.json) {
      rows.push_back({{"model", model.name},
                      {"family", model.family},
                      {"source", model.source},
                      {"paper", model.paper},
                      {"input", model.input},
                      {"params", cost.params},
                      {"macs", cost.macs},
                      {"top1", model.top1},
                      {"top5", model.top5},
                      {"accuracy_from", zoo::accuracy_source(model)}});
      continue;
    }
    const auto percent = [](double value) { return value > 0 ? format("{:.2f}", value) : std::string("-"); };
    std::printf("%-26s %-24s %8.2f M %8.2f G %6lld %7s %7s  %s\n", model.name.c_str(), model.family.c_str(),
                static_cast<double>(cost.params) / 1e6, static_cast<double>(cost.macs) / 1e9,
                static_cast<long long>(model.input), percent(model.top1).c_str(), percent(model.top5).c_str(),
                model.paper.c_str());
  }
  if (asked.json) std::printf("%s\n", json_text(rows, 1).c_str());
  return 0;
}

int summary(const Asked& asked, const graph::Graph& graph) {
  if (asked.steps) {
    std::printf("%s", model_steps(graph, asked.input, asked.json).c_str());
    return 0;
  }
  const graph::Cost cost = graph::cost(graph, asked.input, asked.input);
  std::printf("%s", asked.json ? (json_text(graph::summary_json(graph, cost), 1) + "\n").c_str()
                               : graph::summary(graph, cost).c_str());
  return 0;
}

int diagram(const Asked& asked, const graph::Graph& graph) {
  if (asked.json) fail_usage("models diagram: has no JSON form; leave out --json");
  if (asked.steps)
    fail_usage("models diagram: shows no kernels; see 'springbok models summary {} --steps'", asked.name);
  std::printf("%s", graph::diagram(graph, asked.name).c_str());
  return 0;
}

/// A command about one network.
template <class F>
Command about_one(const std::string& name, const std::string& help, F show) {
  const auto asked = std::make_shared<Asked>();
  Command command{.name = name, .help = help, .options = option_table(*asked)};
  command.words = {.name = "NAME", .help = "the model", .choices = {"models"}};
  command.run = [=](const Flags& flags, const std::vector<std::string>& words) {
    const graph::Graph graph = build(*asked, flags, words);
    return show(*asked, graph);
  };
  return command;
}

Command list_command() {
  const auto asked = std::make_shared<Asked>();
  const Options options{{.key = "json", .help = "print JSON", .field = &asked->json},
                        {.key = "names", .help = "print only the names", .field = &asked->names},
                        {.key = "markdown", .help = "print docs/models.md", .field = &asked->markdown}};
  return {.name = "list",
          .help = "All models with their cost and published accuracy",
          .options = options,
          .run = [=](const Flags& flags, const std::vector<std::string>&) {
            apply_flags(flags, options);
            return list(*asked);
          }};
}

}  // namespace

Command models_command() {
  Command models{.name = "models", .help = "List the zoo, or show one network"};
  models.children = {list_command(), about_one("summary", "Per-layer table: shapes, params, MACs, memory", summary),
                     about_one("diagram", "Graphviz source; pipe it into 'dot -Tsvg'", diagram)};
  return models;
}

}  // namespace springbok::cli
