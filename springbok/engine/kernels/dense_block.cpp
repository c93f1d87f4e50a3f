// The memory of a dense block under autograd.
//
// Let x be a channel that k norms read, with gradients g_1 ... g_k behind their ReLUs. Each norm sends
//   g_i scale_i + (x - mean) slope_i + offset_i,
// where slope_i and offset_i need the sums of g_i over the batch, and mean is the same for all. So one pass over memory
// sums, and adds g_i scale_i to the channel's gradient. Slopes and offsets are added as numbers. They enter the
// gradient once, when the channel's own layer asks for it.
#include "springbok/engine/kernels/dense_block.h"

#include <ATen/ops/conv2d.h>
#include <ATen/ops/convolution_backward.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <array>

#include "springbok/base/error.h"
#include "springbok/engine/kernels/dense_kernels.h"
#include "springbok/engine/kernels/misfit.h"

namespace springbok::engine {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr auto kLayout = at::MemoryFormat::ChannelsLast;

DenseBlock& block_of(AutogradContext* context) {
  return static_cast<DenseBlock&>(*context->saved_data["block"].toCapsule());
}

void keep(AutogradContext* context, const DensePtr& block) {
  context->saved_data["block"] = c10::IValue::make_capsule(block);
  context->set_materialize_grads(false);
}

at::Tensor map_like(const at::Tensor& x, std::int64_t channels) {
  return at::empty({x.size(0), channels, x.size(2), x.size(3)}, x.options(), kLayout);
}

LongRows long_rows(const DenseBlock& block, std::int64_t rows, std::int64_t channels) {
  return {rows, channels, block.values.size(1)};
}

/// The first channels as a tensor of its own over the block's memory. Not a view to autograd: that memory is written
/// once, so what reads it may keep it while more is put behind.
at::Tensor first_channels(const DenseBlock& block) {
  const at::Tensor& all = block.values;
  const auto channels = static_cast<std::int64_t>(block.moments.mean.size());
  at::Tensor value = at::empty({0}, all.options());
  value.set_(all.storage(), 0, {all.size(0), channels, all.size(2), all.size(3)}, all.strides());
  return value;
}

/// Puts a map behind what the block holds.
void put(DenseBlock& block, const at::Tensor& map) {
  const at::Tensor more = map.contiguous(kLayout);
  const Rows of(more);
  const std::int64_t stride = block.values.size(1);
  const auto filled = static_cast<std::int64_t>(block.moments.mean.size());
  check(filled + of.channels <= stride, "a dense block with more channels than were said");
  const float* from = more.const_data_ptr<float>();
  float* to = block.values.mutable_data_ptr<float>() + filled;
  for_row_parts(of, [&](std::int64_t, std::int64_t first, std::int64_t rows) {
    for (std::int64_t r = first; r < first + rows; ++r) {
      std::copy_n(from + r * of.channels, of.channels, to + r * stride);
    }
  });
  const Moments batch = batch_moments(of, more);
  block.moments.mean.insert(block.moments.mean.end(), batch.mean.begin(), batch.mean.end());
  block.moments.squares.insert(block.moments.squares.end(), batch.squares.begin(), batch.squares.end());
}

/// Takes the gradient of the first channels that another op than a norm here sent.
void receive(DenseBlock& block, const at::Tensor& sent) {
  if (block.gradient.defined()) {
    block.gradient.narrow(1, 0, sent.size(1)).add_(sent);
  } else {
    block.gradient = at::zeros_like(block.values);
    block.gradient.narrow(1, 0, sent.size(1)).copy_(sent);
  }
}

/// The gradient of some channels, to which all have sent.
at::Tensor finished(const DenseBlock& block, std::int64_t from, std::int64_t count) {
  at::Tensor gradient = map_like(block.values, count);
  std::vector<float> mean(static_cast<std::size_t>(count)), slope(mean.size()), offset(mean.size());
  for (std::size_t c = 0; c < mean.size(); ++c) {
    const std::size_t channel = static_cast<std::size_t>(from) + c;
    mean[c] = static_cast<float>(block.moments.mean[channel]);
    slope[c] = static_cast<float>(block.slope[channel]);
    offset[c] = static_cast<float>(block.offset[channel]);
  }
  const float* total = block.gradient.const_data_ptr<float>() + from;
  const float* x = block.values.const_data_ptr<float>() + from;
  float* to = gradient.mutable_data_ptr<float>();
  for_row_parts(Rows(gradient), [&](std::int64_t, std::int64_t first, std::int64_t rows) {
    const LongRows of = long_rows(block, rows, count);
    finish_gradient(of, total + first * of.stride, x + first * of.stride, mean.data(), {slope.data(), offset.data()},
                    to + first * count);
  });
  return gradient;
}

class Append : public torch::autograd::Function<Append> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& before, const at::Tensor& more,
                            const DensePtr& block) {
    const bool first = block->moments.mean.empty();
    if (first) put(*block, before);
    put(*block, more);
    keep(context, block);
    context->saved_data["first"] = first;
    context->saved_data["last_asked"] = first || !before.requires_grad();
    context->saved_data["before"] = before.size(1);
    context->saved_data["more"] = more.size(1);
    return first_channels(*block);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    DenseBlock& block = block_of(context);
    if (gradients[0].defined()) receive(block, gradients[0]);
    if (!block.gradient.defined()) return variable_list(3);
    const std::int64_t before = context->saved_data["before"].toInt(), more = context->saved_data["more"].toInt();
    variable_list found(3);
    if (context->needs_input_grad(1)) found[1] = finished(block, before, more);
    if (context->saved_data["first"].toBool() && context->needs_input_grad(0)) found[0] = finished(block, 0, before);
    if (context->saved_data["last_asked"].toBool()) {
      block.gradient.reset();
      block.slope.assign(block.slope.size(), 0);
      block.offset.assign(block.offset.size(), 0);
    }
    return found;
  }
};

NormForward pointers(const at::Tensor& mean, const at::Tensor& scale, const at::Tensor& bias) {
  return {mean.const_data_ptr<float>(), scale.const_data_ptr<float>(), bias.const_data_ptr<float>(), graph::Act::relu};
}

class NormFirst : public torch::autograd::Function<NormFirst> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            const at::Tensor& bias, const std::optional<at::Tensor>& kernel, const DensePtr& block,
                            const NormState& norm, const ConvState* conv) {
    const Rows of(x);
    const Factors f = factors(block->moments, of, weight, norm);
    const NormForward forward = pointers(f.mean, f.scale, bias);
    at::Tensor y = map_like(x, of.channels);
    const float* from = block->values.const_data_ptr<float>();
    float* to = y.mutable_data_ptr<float>();
    for_row_parts(of, [&](std::int64_t, std::int64_t first, std::int64_t rows) {
      const LongRows long_of = long_rows(*block, rows, of.channels);
      normalise_first(forward, long_of, from + first * long_of.stride, to + first * of.channels);
    });
    keep(context, block);
    context->save_for_backward({bias, f.mean, f.scale, f.inverse_std, kernel.value_or(at::Tensor())});
    context->saved_data["wanted"] = x.requires_grad();
    if (conv == nullptr) return y;
    context->saved_data["stride"] = conv->stride;
    context->saved_data["padding"] = conv->padding;
    context->saved_data["dilation"] = conv->dilation;
    return at::conv2d(y, *kernel, {}, conv->stride, conv->padding, conv->dilation);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    variable_list found(7);
    if (!gradients[0].defined()) return found;
    const variable_list saved = context->get_saved_variables();
    const at::Tensor& kernel = saved[4];
    DenseBlock& block = block_of(context);
    if (!kernel.defined()) {
      sum(context, block, saved, gradients[0].contiguous(kLayout), at::Tensor(), found);
      return found;
    }
    const at::Tensor x = block.values.narrow(1, 0, saved[1].size(0));  // for its sizes
    const at::Tensor g = conv_gradient(context, gradients[0], x, kernel, {true, false, false}, 0).contiguous(kLayout);
    const bool learns = context->needs_input_grad(3);
    sum(context, block, saved, g, learns ? g : at::Tensor(), found);
    if (learns) found[3] = conv_gradient(context, gradients[0], g, kernel, {false, true, false}, 1);
    return found;
  }

 private:
  static at::Tensor conv_gradient(AutogradContext* context, const at::Tensor& gradient, const at::Tensor& input,
                                  const at::Tensor& kernel, std::array<bool, 3> which, std::size_t wanted) {
    const auto of = [&](const char* name) { return context->saved_data[name].toIntVector(); };
    constexpr std::int64_t kGroups = 1;
    const auto all = at::convolution_backward(gradient, input, kernel, std::nullopt, of("stride"), of("padding"),
                                              of("dilation"), false, {0, 0}, kGroups, which);
    return wanted == 0 ? std::get<0>(all) : std::get<1>(all);
  }

  /// One pass over memory: the gradient behind the ReLU goes into the block's and into those of weight and bias. Where
  /// `output` is given, the ReLU's output is written there, over the gradient if it is that.
  static void sum(AutogradContext* context, DenseBlock& block, const variable_list& saved, const at::Tensor& gradient,
                  const at::Tensor& output, variable_list& found) {
    const bool wanted = context->saved_data["wanted"].toBool();
    const Rows of(gradient);
    const bool whole = of.channels == block.values.size(1), begins = wanted && !block.gradient.defined();
    if (begins) block.gradient = whole ? at::empty_like(block.values) : at::zeros_like(block.values);
    const NormForward forward = pointers(saved[1], saved[2], saved[0]);
    const std::size_t sums = static_cast<std::size_t>(of.parts * of.channels);
    std::vector<double> of_gradient(sums), of_product(sums);
    const float *g = gradient.const_data_ptr<float>(), *x = block.values.const_data_ptr<float>();
    float* total = wanted ? block.gradient.mutable_data_ptr<float>() : nullptr;
    float* y = output.defined() ? output.mutable_data_ptr<float>() : nullptr;
    for_row_parts(of, [&](std::int64_t part, std::int64_t first, std::int64_t rows) {
      const LongRows long_of = long_rows(block, rows, of.channels);
      const std::int64_t here = first * of.channels, there = first * long_of.stride;
      first_gradient(forward, long_of, g + here, x + there,
                     {.of_gradient = of_gradient.data() + part * of.channels,
                      .of_product = of_product.data() + part * of.channels,
                      .total = wanted ? total + there : nullptr,
                      .begins = begins && whole,
                      .output = y == nullptr ? nullptr : y + here});
    });
    found[1] = at::empty({of.channels}, at::kFloat);
    found[2] = at::empty({of.channels}, at::kFloat);
    float *weight = found[1].mutable_data_ptr<float>(), *bias = found[2].mutable_data_ptr<float>();
    const float *scale = saved[2].const_data_ptr<float>(), *inverse_std = saved[3].const_data_ptr<float>();
    const auto count = static_cast<double>(of.rows);
    for (std::int64_t c = 0; c < of.channels; ++c) {
      double all = 0, all_x = 0;
      for (std::int64_t part = 0; part < of.parts; ++part) {
        all += of_gradient[static_cast<std::size_t>(part * of.channels + c)];
        all_x += of_product[static_cast<std::size_t>(part * of.channels + c)];
      }
      weight[c] = static_cast<float>(all_x * inverse_std[c]);
      bias[c] = static_cast<float>(all);
      if (!wanted) continue;
      block.slope[static_cast<std::size_t>(c)] -=
          static_cast<double>(scale[c]) * inverse_std[c] * inverse_std[c] * all_x / count;
      block.offset[static_cast<std::size_t>(c)] -= scale[c] * all / count;
    }
  }
};

}  // namespace

const char* append_misfit(const at::Tensor& before, const at::Tensor& more) {
  constexpr bool kTakesBfloat16 = false;
  for (const at::Tensor& x : {before, more}) {
    if (const char* misfit = image_misfit(x, kNormLanes, kTakesBfloat16)) return misfit;
  }
  return before.numel() == before.size(1) ? "one value a channel" : nullptr;
}

DensePtr begin_block(const at::Tensor& first, std::int64_t channels) {
  auto block = c10::make_intrusive<DenseBlock>();
  block->values = map_like(first, channels);
  block->slope.resize(static_cast<std::size_t>(channels));
  block->offset.resize(static_cast<std::size_t>(channels));
  return block;
}

at::Tensor append(const DensePtr& block, const at::Tensor& before, const at::Tensor& more) {
  return Append::apply(before, more, block);
}

at::Tensor norm_relu_first(const DensePtr& block, const at::Tensor& x, const NormState& norm) {
  return NormFirst::apply(x, norm.weight, norm.bias, std::optional<at::Tensor>(), block, norm,
                          static_cast<const ConvState*>(nullptr));
}

at::Tensor norm_conv_first(const DensePtr& block, const at::Tensor& x, const NormState& norm, const ConvState& conv) {
  return NormFirst::apply(x, norm.weight, norm.bias, std::optional(conv.weight), block, norm, &conv);
}

}  // namespace springbok::engine
