// The kinds of golden files of parameter groups, zero-gamma and initialisation.
#include <ATen/Functions.h>

#include <cmath>
#include <regex>

#include "springbok/base/error.h"
#include "springbok/base/rng.h"
#include "springbok/engine/state.h"
#include "springbok/graph/build.h"
#include "springbok/graph/init_scheme.h"
#include "springbok/graph/replace.h"
#include "springbok/train/optim/param_group.h"
#include "springbok/zoo/zoo.h"
#include "tests/golden/functions/learning_kinds.h"

namespace springbok::golden {
namespace {

using graph::InitRule;
using nlohmann::json;

/// ModelZoo's network of that name; false where the zoo has none.
bool find_network(Sheet& sheet, const std::string& factory, graph::Graph& network,
                  const zoo::ModelOptions& options = {}) {
  const bool octaves = factory.starts_with("oct_");  // the files leave out its alpha, which names no parameter
  const std::string model = zoo::model_for_factory("PistonY/ModelZoo.pytorch", octaves ? "models:" + factory : factory,
                                                   octaves ? R"({"alpha": 0.5})" : "{}");
  if (model.empty()) {
    sheet.unknown("network " + factory);
    return false;
  }
  network = zoo::build(model, options);
  return true;
}

/// FNV-1a over names, each with a line's end, as the files have it.
std::string digest_of(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += name + "\n";
  return format("{:016x}", fnv1a64(text));
}

/// A list of names, cut where "..." stands.
void compare_names(Sheet& sheet, const std::string& what, const std::vector<std::string>& got, const json& wanted) {
  const auto cut = std::find(wanted.begin(), wanted.end(), json("..."));
  const auto head = static_cast<std::size_t>(cut - wanted.begin());
  if (cut == wanted.end()) return sheet.equal(what, got, wanted);
  const std::size_t tail = wanted.size() - head - 1;
  sheet.expect(got.size() >= head + tail, format("{}: only {} names", what, got.size()));
  if (got.size() < head + tail) return;
  for (std::size_t i = 0; i < head; ++i) sheet.equal(what, got[i], wanted[i]);
  for (std::size_t i = 0; i < tail; ++i) sheet.equal(what, got[got.size() - tail + i], wanted[head + 1 + i]);
}

void check_no_decay(Sheet& sheet) {
  graph::Graph network;
  if (!find_network(sheet, sheet.at("model"), network)) return;
  const engine::State state = engine::allocate(network);
  constexpr double kDecay = 1e-4;
  const std::vector<train::ParamGroup> groups = train::decay_groups(network, state, kDecay, /*norm_decay=*/false);
  const json& wanted = sheet.at("groups");
  sheet.equal("number of groups", groups.size(), wanted.size());
  std::size_t parameters = 0;
  for (std::size_t i = 0; i < std::min(groups.size(), wanted.size()); ++i) {
    std::vector<std::string> names;
    std::int64_t elements = 0;
    for (const train::Slot& slot : groups[i].slots) {
      names.push_back(slot.name);
      elements += slot.value.numel();
    }
    const std::string what = format("group {}", i);
    sheet.equal(what + ": decays", groups[i].weight_decay == kDecay,
                Sheet::need(wanted[i], "weight_decay").is_string());
    sheet.equal(what + ": count", names.size(), Sheet::need(wanted[i], "count"));
    sheet.equal(what + ": elements", elements, Sheet::need(wanted[i], "elements"));
    sheet.equal(what + ": fnv1a64", digest_of(names), Sheet::need(wanted[i], "fnv1a64"));
    compare_names(sheet, what + ": names", names, Sheet::need(wanted[i], "names"));
    parameters += names.size();
  }
  sheet.equal("parameters", parameters, sheet.at("parameters"));
}

/// Weights of norms that start at 0, in the graph's order.
std::vector<std::string> zeroed_in(const graph::Graph& network) {
  std::vector<std::string> names;
  for (const graph::Param& param : network.params()) {
    const bool weight = param.name.ends_with("weight") && param.shape.size() == 1;
    if (weight && param.init == graph::Init::zeros) names.push_back(param.name);
  }
  return names;
}

/// Networks whose parameters theirs does not see: ours has each in one group.
void check_networks_that_fail_there(Sheet& sheet, const json& failures) {
  for (const auto& [name, error] : failures.items()) {
    const std::string with = " with ", model = name.substr(0, name.find(with));
    zoo::ModelOptions options;
    if (name.ends_with(with + "SwitchNorm2d")) options.norm = zoo::NormChoice::toolbox_switchnorm;
    graph::Graph network;
    if (!find_network(sheet, model, network, options)) continue;
    const engine::State state = engine::allocate(network);
    std::vector<std::string> grouped, trained;
    for (const train::ParamGroup& group : train::decay_groups(network, state, 1, /*norm_decay=*/false)) {
      for (const train::Slot& slot : group.slots) grouped.push_back(slot.name);
    }
    for (const graph::Param& param : network.params()) {
      if (param.trainable && !param.buffer) trained.push_back(param.name);
    }
    std::sort(grouped.begin(), grouped.end());
    std::sort(trained.begin(), trained.end());
    sheet.equal(name + ": parameters in groups", grouped, trained);
  }
}

void check_zero_gamma(Sheet& sheet) {
  if (sheet.file.contains("no_decay_fails_for"))
    check_networks_that_fail_there(sheet, sheet.file["no_decay_fails_for"]);
  for (const json& the_case : sheet.at("cases")) {
    const std::string model = Sheet::need(the_case, "model");
    graph::Graph network;
    if (!find_network(sheet, model, network)) continue;
    graph::zero_bottleneck_norms(network);
    const std::vector<std::string> names = zeroed_in(network);
    sheet.equal(model + ": count", names.size(), Sheet::need(the_case, "count"));
    sheet.equal(model + ": fnv1a64", digest_of(names), Sheet::need(the_case, "fnv1a64"));
    compare_names(sheet, model + ": zeroed", names, Sheet::need(the_case, "zeroed"));
  }
  for (const auto& [key, value] : sheet.file.items()) {
    const std::string prefix = "torchvision_";
    if (!key.starts_with(prefix)) continue;
    const graph::Graph network = zoo::build(key.substr(prefix.size()), {.zero_gamma = true});
    compare_names(sheet, key, zeroed_in(network), value);
  }
}

graph::Shape shape_of(const std::string& text) {
  graph::Shape shape;
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t used = 0;
    shape.push_back(std::stoll(text.substr(at), &used));
    at += used + 1;
  }
  return shape;
}

void compare_filling(Sheet& sheet, const std::string& name, const graph::Filling& got, const json& row) {
  const std::string distribution = row.at(2);
  using graph::Init;
  std::string ours = "normal";
  double number = got.scale;
  if (got.init == Init::constant) ours = "constant";
  if (got.init == Init::zeros || got.init == Init::ones) {
    ours = "constant";
    number = got.init == Init::ones ? 1 : 0;
  }
  if (got.init == Init::uniform || got.init == Init::uniform_fan_in) ours = "uniform";
  if (got.init == Init::trunc_normal) ours = "truncated normal";
  sheet.equal(name + ": distribution", ours, distribution);
  sheet.near(name + ": number", number, row.at(3));
}

/// The drawn numbers are of their distribution: the root of their mean square, and the bound of uniform ones.
void compare_drawn(Sheet& sheet, const std::string& name, const at::Tensor& values, const graph::Filling& filling) {
  constexpr double kErrors = 6;
  using graph::Init;
  const bool uniform = filling.init == Init::uniform, normal = filling.init == Init::normal;
  if (!uniform && !normal) return;
  const auto count = static_cast<double>(values.numel());
  const double std = uniform ? filling.scale / std::sqrt(3.0) : filling.scale;
  const double rms = values.norm().item<double>() / std::sqrt(count);
  sheet.expect(std::abs(rms / std - 1) < kErrors / std::sqrt(2 * count),
               format("{}: root mean square {} instead of {}", name, rms, std));
  if (uniform)
    sheet.expect(values.abs().max().item<double>() <= filling.scale * (1 + 1e-6), name + ": beyond its bound");
}

void check_network_init(Sheet& sheet) {
  graph::Graph network;
  if (!find_network(sheet, sheet.at("model"), network)) return;
  graph::refill(network, {.rule = InitRule::kaiming});
  constexpr std::uint64_t kSeed = 1;
  const engine::State state = engine::initialise(network, kSeed);
  const json& rows = sheet.at("parameters");
  std::size_t at = 0;
  for (std::size_t i = 0; i < network.params().size(); ++i) {
    const graph::Param& param = network.params()[i];
    if (param.buffer) continue;
    if (at >= rows.size()) return sheet.expect(false, "more parameters than the file has, from " + param.name);
    const json& row = rows[at++];
    sheet.equal("name", param.name, row.at(0));
    sheet.equal(param.name + ": shape", param.shape, shape_of(row.at(1)));
    if (row.at(2) == "as constructed") continue;
    const graph::Filling filling{param.init, param.scale};
    compare_filling(sheet, param.name, filling, row);
    compare_drawn(sheet, param.name, state.tensors[i].detach(), filling);
  }
  sheet.equal("parameters", at, rows.size());
}

/// torch-toolbox's initializer with its arguments.
bool scheme_of(Sheet& sheet, const std::string& name, const json& args, graph::InitScheme& scheme) {
  if (name == "KaimingInitializer") scheme.rule = InitRule::kaiming;
  if (name == "XavierInitializer") scheme = {.rule = InitRule::xavier, .draw = graph::Draw::uniform};
  if (name == "MSRAPrelu") scheme = {.rule = InitRule::msra_prelu, .slope = 0.25};
  if (name == "TruncNormInitializer") scheme.rule = InitRule::trunc_normal;
  if (scheme.rule == InitRule::published) sheet.unknown(name);
  for (const auto& [key, value] : args.items()) {
    if (key == "random_type") {
      scheme.draw = value == "uniform" ? graph::Draw::uniform : graph::Draw::normal;
    } else if (key == "mode") {
      scheme.fan = value == "fan_in" ? graph::Fan::in : graph::Fan::out;
    } else if (key == "slope") {
      scheme.slope = value;
    } else if (key == "std") {
      scheme.std = value;
    } else if (key == "nonlinearity" && value != "relu" && value != "leaky_relu") {
      sheet.unknown(name + ": nonlinearity " + value.dump());
      return false;
    } else if (key != "nonlinearity" && key != "gain" && key != "magnitude") {  // a gain is never used there
      sheet.unknown(name + ": " + key);
    }
  }
  if (args.value("nonlinearity", "relu") == "relu" && scheme.rule == InitRule::kaiming) scheme.slope = 0;
  return scheme.rule != InitRule::published;
}

enum class Reached { layer, norm, not_reached };

/// What an initializer does to a module of that class.
Reached reached(const std::string& module) {
  if (std::regex_match(module, std::regex("Conv[23]d|Linear"))) return Reached::layer;
  if (std::regex_match(module, std::regex("BatchNorm[23]d|GroupNorm"))) return Reached::norm;
  return Reached::not_reached;
}

/// What no initializer reaches stays as the network makes it. No network here has the other layers of the files.
void check_left_alone(Sheet& sheet, const json& row, const std::string& module, const graph::InitScheme& scheme) {
  constexpr std::int64_t kWidth = 4;
  graph::Graph network;
  graph::Value x = graph::input(network, kWidth);
  if (module == "PReLU") {
    x = graph::prelu({&network, "0"}, x);
  } else if (module == "ConvTranspose2d") {
    x = graph::conv_transpose({&network, "0"}, x, {.out = kWidth});
  } else {
    return;
  }
  network.set_output(x.id);
  const graph::Param before = network.param(0);
  graph::refill(network, scheme);
  const graph::Param& after = network.param(0);
  sheet.expect(after.init == before.init && after.scale == before.scale, row.at(0).get<std::string>() + ": refilled");
  if (row.at(2) == "constant") compare_filling(sheet, row.at(0), {after.init, after.scale}, row);
}

/// A row of a module: `0.weight`, its shape, what fills it, and a number.
void check_kind_row(Sheet& sheet, const json& row, const std::string& module, const graph::InitScheme& scheme,
                    const graph::Shape& weight) {
  const std::string name = row.at(0);
  const bool bias = name.ends_with("bias");
  switch (reached(module)) {
    case Reached::layer:
      return compare_filling(
          sheet, name, bias ? bias_filling(scheme, weight) : weight_filling(scheme, weight, module == "Linear"), row);
    case Reached::norm:  // as every network here starts them
      return compare_filling(sheet, name, {bias ? graph::Init::zeros : graph::Init::ones, 1}, row);
    case Reached::not_reached:
      return check_left_alone(sheet, row, module, scheme);
  }
}

void check_init_kinds(Sheet& sheet) {
  std::map<std::string, std::string> modules;  // class by number
  for (const json& line : sheet.at("net")) {
    const std::string text = line;
    const std::size_t space = text.find(' ');
    modules[text.substr(0, space)] = text.substr(space + 1, text.find('(') - space - 1);
  }
  for (const json& the_case : sheet.at("cases")) {
    graph::InitScheme scheme;
    if (!scheme_of(sheet, Sheet::need(the_case, "initializer"), Sheet::need(the_case, "args"), scheme)) continue;
    graph::Shape weight;
    for (const json& row : Sheet::need(the_case, "parameters")) {
      const std::string name = row.at(0), number = name.substr(0, name.find('.'));
      if (name.ends_with("weight")) weight = shape_of(row.at(1));
      if (!modules.contains(number)) return sheet.unknown("module of " + name);
      check_kind_row(sheet, row, modules[number], scheme, weight);
    }
  }
}

}  // namespace

std::vector<Kind> group_kinds() {
  return {{"reset_model_setting.py", "no_decay_bias", {"model", "groups"}, check_no_decay},
          {"nn/init.py", "ZeroLastGamma", {"cases"}, check_zero_gamma},
          {"nn/init.py", "KaimingInitializer", {"model", "parameters"}, check_network_init},
          {"nn/init.py", "Initializer", {"net", "cases"}, check_init_kinds}};
}

}  // namespace springbok::golden
