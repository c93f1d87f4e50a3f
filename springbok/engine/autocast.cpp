// LibTorch's autocast, as a scope.
#include "springbok/engine/autocast.h"

#include <ATen/autocast_mode.h>

#include "springbok/base/error.h"

namespace springbok::engine {

at::ScalarType type_of(Precision precision) {
  switch (precision) {
    case Precision::fp32:
      return at::kFloat;
    case Precision::bf16:
      return at::kBFloat16;
    case Precision::fp16:
      return at::kHalf;
  }
  check(false, "a precision without a type");
  return at::kFloat;
}

Autocast::Autocast(Precision precision, at::DeviceType device)
    : device_(device),
      was_enabled_(at::autocast::is_autocast_enabled(device)),
      was_type_(at::autocast::get_autocast_dtype(device)) {
  if (precision != Precision::fp32) at::autocast::set_autocast_dtype(device_, type_of(precision));
  at::autocast::set_autocast_enabled(device_, precision != Precision::fp32);
  at::autocast::increment_nesting();
}

Autocast::~Autocast() {
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  at::autocast::set_autocast_enabled(device_, was_enabled_);
  at::autocast::set_autocast_dtype(device_, was_type_);
}

at::Tensor lowered(const at::Tensor& tensor) {
  const at::DeviceType device = tensor.device().type();
  return at::autocast::cached_cast(at::autocast::get_autocast_dtype(device), tensor, device);
}

}  // namespace springbok::engine
