// Golden files of deformable convolution and of local importance pooling.
#include <ATen/Functions.h>
#include <c10/core/GradMode.h>

#include <cmath>

#include "springbok/base/error.h"
#include "springbok/engine/executor.h"
#include "springbok/engine/kernels/deform_conv.h"
#include "springbok/graph/replace.h"
#include "tests/golden/functions/module_run.h"

namespace springbok::golden {

using nlohmann::json;

namespace {

constexpr double kThreeDigits = 5e-3, kTwoDigits = 5e-2;  ///< how exactly the file states its gaps

/// Whether the published layer is the convolution that torchvision has, and we: with others its taps are misplaced.
bool is_sound(const json& row) {
  return row["kernel_size"] == 3 && row["padding"] == 1;
}

/// The published layer: offsets (rows, then columns) and perhaps a mask by 3x3 convolutions, then the convolution.
struct DeformConv {
  explicit DeformConv(const json& row) : row_(row) {
    const std::int64_t kernel = row["kernel_size"], stride = row["stride"], padding = row["padding"];
    taps = kernel * kernel;
    op = {.in = row["in"],
          .out = row["out"],
          .kernel = {kernel, kernel},
          .stride = {stride, stride},
          .padding = {padding, padding}};
  }

  /// `p_conv` with its channels as ours are: row and column of each tap side by side.
  Module offsets() const {
    Module module(op.in, [&](const graph::Scope& s, graph::Value x) {
      return graph::shuffle_channels(graph::conv(s / "p_conv", x, options(2 * taps)), 2);
    });
    const c10::AutoGradMode no_grad(false);
    module.parameter("p_conv.weight").mul_(row_.value("p_conv_weight_times", 1.0));
    if (row_.value("p_conv_bias", "filled") == "zero") module.parameter("p_conv.bias").zero_();
    return module;
  }
  Module masks() const {
    return {op.in, [&](const graph::Scope& s, graph::Value x) {
              return graph::activation(graph::conv(s / "m_conv", x, options(taps)), graph::Act::sigmoid);
            }};
  }
  graph::ConvOptions options(std::int64_t out) const {
    return {.out = out, .kernel = 3, .stride = op.stride[0], .padding = 1, .bias = true};
  }

  std::int64_t taps = 0;
  graph::DeformConv2d op;

 private:
  const json& row_;
};

/// Channels as the file has them: the rows of all taps, then the columns.
at::Tensor rows_then_columns(const at::Tensor& offset) {
  const at::Tensor pairs = offset.view({offset.size(0), offset.size(1) / 2, 2, offset.size(2), offset.size(3)});
  return pairs.transpose(1, 2).reshape(offset.sizes());
}

/// Ours refuses maps of another size than the convolution's, as torchvision does.
void expect_refused(Sheet& sheet, const std::string& what, const DeformConv& layer, const json& row) {
  bool refused = false;
  try {
    Module module(layer.op.in, [&](const graph::Scope& s, graph::Value x) {
      const graph::Value offset = graph::conv(s / "p_conv", x, layer.options(2 * layer.taps));
      const graph::Value mask = graph::conv(s / "m_conv", x, layer.options(layer.taps));
      const graph::ConvOptions conv{.out = layer.op.out, .kernel = layer.op.kernel[0], .padding = layer.op.padding[0]};
      return graph::deform_conv(s / "conv", x, offset, mask, conv);
    });
    module.run(input_of(row["input"]), false);
  } catch (const Error&) {
    refused = true;
  }
  sheet.expect(refused, what + ": offsets of another size are not refused");
}

/// The largest difference to numbers of which the file has all; NaN where it has some.
double gap_to(const at::Tensor& got, const json& wanted) {
  if (!wanted.contains("values")) return std::nan("");
  return at::sub(got.detach().reshape({-1}), input_of(wanted["values"])).abs().max().item<double>();
}

void compare_gap(Sheet& sheet, const std::string& what, const at::Tensor& got, const json& wanted, const json& gap,
                 double bound) {
  const double ours = gap_to(got, wanted);
  if (!gap.is_null() && !std::isnan(ours)) sheet.near(what + ": gap to the published", ours, gap, bound, ours);
}

void compare_deform_conv(Sheet& sheet, const std::string& what, const json& row) {
  const DeformConv layer(row);
  const at::Tensor x = input_of(row["input"]).set_requires_grad(true);
  Module offsets = layer.offsets();
  offsets.run(x, false);
  sheet.tensor(what + ": offset", rows_then_columns(offsets.output), row["offset"]);
  const json torchvision = row.value("torchvision_deform_conv2d", json::object());
  if (torchvision.contains("refuses")) return expect_refused(sheet, what, layer, row);
  const bool modulated = row.value("modulation", false);
  Module masks = layer.masks();
  masks.run(x, false);
  const at::Tensor mask = modulated ? masks.output : at::ones_like(masks.output.detach());
  at::Tensor weight = fill("conv.weight", {layer.op.out, layer.op.in, layer.op.kernel[0], layer.op.kernel[1]});
  weight.set_requires_grad(true);
  std::optional<at::Tensor> bias;
  if (!row["bias"].is_null() && row["bias"] != false) bias = fill("conv.bias", {layer.op.out}).set_requires_grad(true);
  const at::Tensor y = engine::deform_conv(layer.op, x, offsets.output, mask, weight, bias);
  backward_of_target(y);
  // The module's input is a copy of x, so that x has only what went straight into the convolution.
  at::Tensor to_input = at::add(x.grad(), offsets.input.grad());
  if (modulated) to_input = at::add(to_input, masks.input.grad());
  if (!is_sound(row)) {
    compare_gap(sheet, what, y, row["output"], torchvision.value("max_gap", json()), kThreeDigits);
    return compare_gap(sheet, what + ": grad_input", to_input, row["grad_input"],
                       torchvision.value("grad_input_gap", json()), kTwoDigits);
  }
  sheet.tensor(what + ": output", y, row["output"]);
  sheet.tensor(what + ": grad_input", to_input, row["grad_input"]);
  sheet.tensor(what + ": gradient of conv.weight", weight.grad(), row["grads"]["conv.weight"]);
  if (bias) sheet.tensor(what + ": gradient of conv.bias", bias->grad(), row["grads"]["conv.bias"]);
  // At whole positions a bilinear read has two one-sided gradients, and the published layer takes the other one.
  const bool whole = at::eq(offsets.output, at::floor(offsets.output)).all().item<bool>();
  for (const char* leaf : {"weight", "bias"}) {
    const std::string name = format("p_conv.{}", leaf), masked = format("m_conv.{}", leaf);
    if (!whole)
      sheet.tensor(format("{}: gradient of {}", what, name), offsets.parameter(name).grad(), row["grads"][name]);
    if (modulated && row["grads"].contains(masked))
      sheet.tensor(format("{}: gradient of {}", what, masked), masks.parameter(masked).grad(), row["grads"][masked]);
  }
}

}  // namespace

void check_deform_conv(Sheet& sheet) {
  for (std::size_t i = 0; i < sheet.at("cases").size(); ++i) {
    compare_deform_conv(sheet, format("case {}", i), sheet.file["cases"][i]);
  }
}

namespace {

/// Map and logits as the two halves of one input's channels.
void compare_lip_pool(Sheet& sheet, const std::string& what, const json& row) {
  const at::Tensor x = input_of(row["input"]), logit = input_of(row["logit"]);
  const std::int64_t channels = x.size(1), kernel = row["kernel"], stride = row["stride"], padding = row["padding"];
  Module module(2 * channels, [&](const graph::Scope&, graph::Value v) {
    return graph::lip_pool(
        graph::slice_channels(v, 0, channels), graph::slice_channels(v, channels, channels),
        {.kernel = {kernel, kernel}, .stride = {stride, stride}, .padding = {padding, padding}, .coefficient = 1});
  });
  module.run(at::cat({x, logit}, 1), false);
  sheet.tensor(what + ": output", module.output, row["output"]);
  module.backward();
  sheet.tensor(what + ": grad_input", module.input.grad().narrow(1, 0, channels), row["grad_input"]);
  sheet.tensor(what + ": grad_logit", module.input.grad().narrow(1, channels, channels), row["grad_logit"]);
}

/// A network of one 3x3 max pooling of stride 2, after `--lip`.
void compare_lip_network(Sheet& sheet, const std::string& what, const json& row, std::int64_t width) {
  const at::Tensor x = input_of(row["input"]);
  const std::string prefix = "lip.0.";
  graph::Graph network;
  graph::output(graph::max_pool(graph::input(network, x.size(1)), {.kernel = 3, .stride = 2, .padding = 1}));
  graph::replace_max_pools(network, width);
  Module module(std::move(network), [&](const std::string& ours) { return ours.substr(prefix.size()); });
  module.run(x, false);
  compare_module(sheet, what, module, row, [&](const std::string& theirs) { return prefix + theirs; });
}

}  // namespace

void check_lip(Sheet& sheet) {
  for (std::size_t i = 0; i < sheet.file.value("lip2d", json::array()).size(); ++i) {
    compare_lip_pool(sheet, format("lip2d {}", i), sheet.file["lip2d"][i]);
  }
  if (sheet.file.contains("SimplifiedLIP")) {
    compare_lip_network(sheet, "SimplifiedLIP", sheet.file["SimplifiedLIP"], 0);
  }
}

void check_lip_bottleneck(Sheet& sheet) {
  const json& row = sheet.at("shared_then_lip");
  const std::int64_t width = row["state_dict"][0][1][0];
  compare_lip_network(sheet, "bottleneck", row, width);
}

}  // namespace springbok::golden
