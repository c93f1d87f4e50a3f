// Parameters as tensors: fresh values, and the way to and from plain data.
#include "springbok/engine/state.h"

#include <ATen/Functions.h>

#include <cmath>
#include <memory>

#include "springbok/base/error.h"
#include "springbok/base/rng.h"

namespace springbok::engine {
namespace {

struct DTypeRow {
  tensors::DType plain;
  at::ScalarType torch;
};

constexpr DTypeRow kDTypes[] = {
    {tensors::DType::f64, at::kDouble},    {tensors::DType::f32, at::kFloat}, {tensors::DType::f16, at::kHalf},
    {tensors::DType::bf16, at::kBFloat16}, {tensors::DType::i64, at::kLong},  {tensors::DType::i32, at::kInt},
    {tensors::DType::i16, at::kShort},     {tensors::DType::i8, at::kChar},   {tensors::DType::u8, at::kByte},
    {tensors::DType::boolean, at::kBool},
};

at::ScalarType to_torch(tensors::DType dtype) {
  for (const DTypeRow& row : kDTypes) {
    if (row.plain == dtype) return row.torch;
  }
  check(false, "a dtype without a row in the table");
  return at::kFloat;
}

tensors::DType to_plain(at::ScalarType dtype) {
  for (const DTypeRow& row : kDTypes) {
    if (row.torch == dtype) return row.plain;
  }
  fail("tensors of type {} cannot be saved", at::toString(dtype));
}

/// Element i of kernels of size x size: the tent whose strided copies add up to bilinear interpolation.
double tent(std::int64_t i, std::int64_t size) {
  const std::int64_t whole = (size + 1) / 2;
  const auto half = static_cast<double>(whole);
  const double centre = (2 * half - 1 - static_cast<double>(whole % 2)) / (2 * half);
  const auto side = [&](std::int64_t at) { return 1 - std::abs(static_cast<double>(at) / half - centre); };
  return side(i / size % size) * side(i % size);
}

/// Normal, drawn again where it is beyond the cut.
double cut_normal(Rng& rng, double std) {
  constexpr double kCut = 2;
  for (;;) {
    const double value = rng.normal() * std;
    if (std::abs(value) <= kCut) return value;
  }
}

template <class T>
void fill(const graph::Param& param, Rng rng, T* values) {
  const auto count = static_cast<std::size_t>(param.elements());
  for (std::size_t i = 0; i < count; ++i) {
    double value = 0;
    switch (param.init) {
      case graph::Init::zeros:
        break;
      case graph::Init::ones:
        value = 1;
        break;
      case graph::Init::kaiming_fan_out:
      case graph::Init::normal:
        value = rng.normal() * param.scale;
        break;
      case graph::Init::uniform_fan_in:
      case graph::Init::uniform:
        value = rng.uniform(-param.scale, param.scale);
        break;
      case graph::Init::constant:
        value = param.scale;
        break;
      case graph::Init::trunc_normal:
        value = cut_normal(rng, param.scale);
        break;
      case graph::Init::bilinear:
        value = tent(static_cast<std::int64_t>(i), param.shape.back());
        break;
    }
    values[i] = static_cast<T>(value);
  }
}

}  // namespace

State allocate(const graph::Graph& graph, at::ScalarType dtype) {
  if (dtype != at::kFloat && dtype != at::kDouble) {
    fail("parameters are float or double, not {}", at::toString(dtype));
  }
  State state;
  state.tensors.reserve(graph.params().size());
  for (const graph::Param& param : graph.params()) {
    if (param.integer) {
      state.tensors.push_back(at::zeros(param.shape, at::kLong));
      continue;
    }
    // Convolutions of channels-last images want their weights so too; in another layout each call would copy them.
    const auto layout = param.shape.size() == 4 ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
    state.tensors.push_back(at::empty(param.shape, dtype, layout));
  }
  return state;
}

State initialise(const graph::Graph& graph, std::uint64_t seed, at::ScalarType dtype) {
  State state = allocate(graph, dtype);
  for (std::size_t i = 0; i < state.tensors.size(); ++i) {
    const graph::Param& param = graph.params()[i];
    if (param.integer) continue;
    const at::Tensor values = at::empty(param.shape, dtype);
    const Rng rng(seed, param.name);
    if (dtype == at::kFloat) {
      fill(param, rng, values.mutable_data_ptr<float>());
    } else {
      fill(param, rng, values.mutable_data_ptr<double>());
    }
    state.tensors[i].copy_(values);
    state.tensors[i].set_requires_grad(param.trainable);
  }
  return state;
}

tensors::Tensor to_plain(const at::Tensor& tensor) {
  if (!tensor.defined()) fail("a state without a tensor for each parameter cannot be saved");
  const at::Tensor here = tensor.detach().cpu().contiguous();
  tensors::Tensor plain;
  plain.dtype = to_plain(here.scalar_type());
  plain.shape = here.sizes().vec();
  plain.strides = here.strides().vec();
  plain.bytes = {static_cast<const std::byte*>(here.const_data_ptr()), here.nbytes()};
  plain.owner = std::make_shared<at::Tensor>(here);
  return plain;
}

at::Tensor from_plain(const tensors::Tensor& tensor) {
  // from_blob takes a mutable pointer; the clone below only reads.
  void* data = const_cast<std::byte*>(tensor.bytes.data());
  if (tensor.elements() == 0) return at::empty(tensor.shape, to_torch(tensor.dtype));
  return at::from_blob(data, tensor.shape, tensor.strides, to_torch(tensor.dtype)).clone(at::MemoryFormat::Contiguous);
}

tensors::StateDict state_dict(const graph::Graph& graph, const State& state) {
  if (state.tensors.size() != graph.params().size()) {
    fail("the state has {} tensors, the graph {} parameters: it is another graph's", state.tensors.size(),
         graph.params().size());
  }
  tensors::StateDict dict;
  for (std::size_t i = 0; i < state.tensors.size(); ++i) {
    dict.emplace_back(graph.params()[i].name, to_plain(state.tensors[i]));
  }
  return dict;
}

void load(std::span<const tensors::Pair> pairs, const tensors::StateDict& dict, State& state) {
  for (const tensors::Pair& pair : pairs) {
    const bool fits = pair.param < state.tensors.size() && pair.entry < dict.size() &&
                      state.tensors[pair.param].sizes() == at::IntArrayRef(dict[pair.entry].second.shape);
    if (!fits) fail("the match is of another graph or of other weights than the state and the tensors given");
    state.tensors[pair.param].detach().copy_(from_plain(dict[pair.entry].second));
  }
}

}  // namespace springbok::engine
