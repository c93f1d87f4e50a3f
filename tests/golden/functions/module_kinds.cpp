// The kinds of golden files of modules, and those of noise, norms and activations.
#include <ATen/Functions.h>

#include <cmath>
#include <map>

#include "springbok/base/error.h"
#include "springbok/engine/kernels/dropout.h"
#include "springbok/zoo/blocks.h"
#include "tests/golden/functions/module_run.h"

namespace springbok::golden {

using nlohmann::json;

namespace {

constexpr double kHardSigmoid = 1e-7;  ///< ATen's gradient of hardsigmoid is 1/6 rounded to float32

/// The numbers where the file's is finite; where it is not, ours is.
void compare_finite(Sheet& sheet, const std::string& what, const at::Tensor& got, const json& wanted, double bound) {
  if (got.numel() != static_cast<std::int64_t>(wanted.size())) {
    sheet.expect(false, format("{}: {} numbers instead of {}", what, got.numel(), wanted.size()));
    return;
  }
  double largest = 0;
  for (const json& value : wanted) {
    if (std::isfinite(number_of(value))) largest = std::max(largest, std::abs(number_of(value)));
  }
  const at::Tensor flat = got.detach().reshape({-1});
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const double value = flat[static_cast<std::int64_t>(i)].item<double>();
    if (std::isnan(number_of(wanted[i]))) {
      sheet.expect(std::isfinite(value), format("{}[{}]: {}", what, i, value));
    } else {
      sheet.near(format("{}[{}]", what, i), value, wanted[i], bound, largest > 0 ? largest : 1);
    }
  }
}

/// ModelZoo's where one draw is for all samples, else torch-toolbox's.
graph::DropBlock drop_block_of(const json& row) {
  const bool shared = row.contains("bernoulli_shape") && row["bernoulli_shape"][0] == 1;
  return {.p = row.value("p", 0.1),
          .block = row["block_size"],
          .form = shared ? graph::DropBlockForm::modelzoo : graph::DropBlockForm::toolbox};
}

void compare_drop_block(Sheet& sheet, const std::string& what, const json& row) {
  const graph::DropBlock op = drop_block_of(row);
  const at::Tensor x = input_of(row["input"]).set_requires_grad(true);
  if (row.contains("fails")) {  // an even block: refused as the network is built
    graph::Graph graph;
    const graph::Value value = graph::input(graph, x.size(1));
    bool refused = false;
    try {
      graph::drop_block({&graph, "drop"}, value, op);
    } catch (const Error&) {
      refused = true;
    }
    sheet.expect(refused, what + ": a block that cannot be is not refused");
    return;
  }
  const at::Tensor seeds = input_of(row["seeds"]);
  if (row.contains("gamma"))
    sheet.near(what + ": gamma", engine::drop_block_rate(op, op.p, x.size(2), x.size(3)), row["gamma"], 1e-12, 1e-3);
  const at::Tensor drawn = engine::block_seeds(x, op, op.p, {.seed = 1, .path = "drop"});
  sheet.equal(what + ": shape of what is drawn", drawn.sizes().vec(), row["bernoulli_shape"]);
  const at::Tensor y = engine::drop_block(x, op, seeds);
  if (row.contains("scale") && row["scale"] == "nan") {  // all is dropped: nothing is left, and nothing is NaN
    sheet.expect(at::eq(y, 0).all().item<bool>(), what + ": something is left");
    return;
  }
  sheet.tensor(what + ": output", y, row["output"]);
  backward_of_target(y);
  sheet.tensor(what + ": grad_input", x.grad(), row["grad_input"]);
}

}  // namespace

void check_drop_block(Sheet& sheet) {
  for (std::size_t i = 0; i < sheet.at("cases").size(); ++i) {
    compare_drop_block(sheet, format("case {}", i), sheet.file["cases"][i]);
  }
  for (const json& row : sheet.file.value("gamma", json::array())) {
    const std::int64_t height = row[0], width = row[1];
    graph::DropBlock op{.p = row[3], .block = row[2], .form = graph::DropBlockForm::toolbox};
    const std::string what = format("gamma of {}", row.dump());
    sheet.near(what, engine::drop_block_rate(op, op.p, height, width), row[4], 1e-12, 1e-3);
    op.form = graph::DropBlockForm::paper;
    if (!row[5].is_null()) sheet.near(what, engine::drop_block_rate(op, op.p, height, width), row[5], 1e-12, 1e-3);
  }
}

void check_drop_path(Sheet& sheet) {
  const at::Tensor input = input_of(sheet.at("input"));
  for (const json& row : sheet.at("cases")) {
    const std::string what = format("{} at {}", row.value("of", ""), row["rate"].dump());
    const double rate = row["rate"];
    const at::Tensor kept = at::ge(input_of(row["draws"]), rate).to(at::kDouble);
    if (row.contains("factor_per_sample"))
      sheet.numbers(what + ": factors", kept.div(1 - rate), row["factor_per_sample"]);
    const at::Tensor x = input.clone().set_requires_grad(true);
    const at::Tensor y = engine::drop_path(x, rate, kept);
    sheet.tensor(what + ": output", y, row["output"]);
    backward_of_target(y);
    sheet.tensor(what + ": grad_input", x.grad(), row["grad_input"]);
  }
}

namespace {

/// torch-toolbox's momentum is the share of the old value.
Module switch_norm_of(const json& row, graph::SwitchForm form) {
  const graph::NormOptions options{.eps = row["eps"], .momentum = 1 - row["momentum"].get<double>()};
  return {row["input"]["shape"][1].get<std::int64_t>(),
          [&](const graph::Scope& s, graph::Value x) { return graph::switch_norm(s, x, options, form); }};
}

void compare_switch_norm(Sheet& sheet, const std::string& what, const json& row) {
  const at::Tensor x = input_of(row["input"]);
  const json& wanted = row["out"];
  Module module = switch_norm_of(row, graph::SwitchForm::toolbox);
  module.run(x, false);
  sheet.tensor(what + ": eval_output", module.output, wanted["eval_output"]);
  module.run(x, true);
  sheet.tensor(what + ": train_output", module.output, wanted["train_output"]);
  module.backward();
  sheet.tensor(what + ": grad_input", module.input.grad(), wanted["grad_input"]);
  for (const char* name : {"weight", "bias", "mean_weight", "var_weight"}) {
    sheet.tensor(format("{}: grad_{}", what, name), module.parameter(name).grad(), wanted[format("grad_{}", name)]);
  }
  for (const char* name : {"running_mean", "running_var"}) {
    sheet.numbers(format("{}: {}_after", what, name), module.parameter(name), wanted[format("{}_after", name)]);
  }
  module.run(x, false);
  sheet.tensor(what + ": eval_output_after", module.output, wanted["eval_output_after"]);
  if (!wanted.contains("gap_to_paper_authors_form_in_training") || !wanted["train_output"].contains("values")) return;
  Module authors = switch_norm_of(row, graph::SwitchForm::paper);
  authors.run(x, true);
  const at::Tensor published = input_of(wanted["train_output"]["values"]).view(x.sizes());
  const double gap = at::sub(authors.output, published).abs().max().item<double>();
  sheet.near(what + ": gap to the authors' form", gap, wanted["gap_to_paper_authors_form_in_training"], 0.05, gap);
}

}  // namespace

void check_switch_norm(Sheet& sheet) {
  for (std::size_t i = 0; i < sheet.at("cases").size(); ++i) {
    compare_switch_norm(sheet, format("case {}", i), sheet.file["cases"][i]);
  }
  if (!sheet.file.contains("nan_at_1x1")) return;
  bool refused = false;
  try {
    Module pixel(1, [](const graph::Scope& s, graph::Value x) { return graph::switch_norm(s, x); });
    pixel.run(at::ones({2, 1, 1, 1}, at::kDouble), true);
  } catch (const Error&) {
    refused = true;
  }
  sheet.expect(refused, "a map of one pixel is not refused");
}

namespace {

using graph::Act;

/// What torch-toolbox's and ModelZoo's names mean; false for a name that is not known.
bool activation_of(const json& row, graph::Activation& found) {
  constexpr double kQuickGelu = 1.702;
  static const std::map<std::string, graph::Activation> kNames{{"relu", {Act::relu}},
                                                               {"relu6", {Act::relu6}},
                                                               {"h_swish", {Act::hardswish}},
                                                               {"h_sigmoid", {Act::hardsigmoid}},
                                                               {"swish", {Act::silu}},
                                                               {"gelu", {Act::gelu}},
                                                               {"quick_gelu", {Act::scaled_swish, kQuickGelu}},
                                                               {"elu", {Act::elu}},
                                                               {"mish", {Act::mish}},
                                                               {"sigmoid", {Act::sigmoid}},
                                                               {"lrelu", {Act::leaky_relu}},
                                                               {"Mish", {Act::mish}},
                                                               {"QuickGELU", {Act::scaled_swish, kQuickGelu}},
                                                               {"mobilenet.HardSwish", {Act::hardswish}},
                                                               {"mobilenet.HardSigmoid", {Act::hardsigmoid}},
                                                               {"efficientnet.Swish", {Act::silu}}};
  const std::string name = row.contains("act_type") ? row["act_type"] : row["activation"];
  if (name == "Swish") return found = {Act::scaled_swish, row.value("beta", 1.0)}, true;
  const auto at = kNames.find(name);
  if (at != kNames.end()) found = at->second;
  return at != kNames.end();
}

void compare_activation(Sheet& sheet, const at::Tensor& x, const json& row) {
  const std::string what = row["activation"].get<std::string>() + " " + row.value("act_type", "");
  graph::Activation kind;
  const bool prelu = row.value("act_type", "") == "prelu";
  if (!prelu && !activation_of(row, kind)) return sheet.unknown("activation " + what);
  Module module(1, [&](const graph::Scope& s, graph::Value v) {
    return prelu ? graph::prelu(s, v) : graph::activation(v, kind);
  });
  if (prelu) module.state = engine::initialise(module.graph, 0, at::kDouble);
  module.run(x, false);
  compare_finite(sheet, what + ": value", module.output, row["value"], 1e-12);
  at::sum(module.output).backward();
  const double bound = row["activation"] == "mobilenet.HardSigmoid" ? kHardSigmoid : 1e-12;
  compare_finite(sheet, what + ": grad", module.input.grad(), row["grad"], bound);
}

/// Squeeze-and-excitation: where its two convolutions stand, and what its second activation is.
void compare_excitation(Sheet& sheet, const std::string& what, const json& row, bool hard) {
  const std::int64_t channels = row["channels"], reduction = row["reduction"];
  const std::string first = row["state_dict"][0][0];
  const std::string second = row["state_dict"][2][0];
  const auto leaf = [](const std::string& key) { return key.substr(0, key.rfind('.')); };
  const std::int64_t hidden =
      hard ? zoo::round_channels(static_cast<double>(channels / reduction)) : channels / reduction;
  sheet.equal(what + ": hidden channels", hidden, row["state_dict"][0][1][0]);
  const zoo::ExciteOptions options{.excite = hard ? Act::hardsigmoid : Act::sigmoid};
  Module module(channels, [&](const graph::Scope& s, graph::Value x) {
    return zoo::squeeze_excite(s, x, hidden, leaf(first), leaf(second), options);
  });
  module.run(input_of(row["input"]), false);
  compare_module(sheet, what, module, row, {}, hard ? kHardSigmoid : 1e-12);
}

}  // namespace

void check_activations(Sheet& sheet) {
  const at::Tensor points = input_of(sheet.at("x"));
  const at::Tensor x = points.view({1, 1, 1, points.numel()});
  for (const json& row : sheet.at("cases")) compare_activation(sheet, x, row);
  if (sheet.file.contains("se_module")) compare_excitation(sheet, "SE_Module", sheet.file["se_module"], true);
  if (sheet.file.contains("module_layers_se")) compare_excitation(sheet, "se", sheet.file["module_layers_se"], false);
}

std::vector<Kind> module_kinds() {
  return {{".py", "DropBlock2d", {"cases"}, check_drop_block},
          {".py", "DropPath", {"cases", "input"}, check_drop_path},
          {"efficientnet.py", "DropConnect", {"cases", "input"}, check_drop_path},
          {"norm.py", "SwitchNorm2d", {"cases"}, check_switch_norm},
          {"activation.py", "Activation", {"x", "cases"}, check_activations},
          {"models/mobilenet.py", "HardSwish", {"x", "cases"}, check_activations},
          {"conv.py", "DeformConv2d", {"cases"}, check_deform_conv},
          {"lip_resnet.py", "lip2d", {"lip2d"}, check_lip},
          {"lip_resnet.py", "SimplifiedLIP", {"SimplifiedLIP"}, check_lip},
          {"lip_resnet.py", "BottleneckShared", {"shared_then_lip"}, check_lip_bottleneck},
          {"summary.py", "summary", {"layers", "cases"}, check_toolbox_counter},
          {"summary.py", "summary", {"layers"}, check_toolbox_counter},
          {"summary.py", "summary", {"cases"}, check_toolbox_counter},
          {"utils.py", "add_flops_counting_methods", {"layers"}, check_elastic_counter}};
}

}  // namespace springbok::golden
