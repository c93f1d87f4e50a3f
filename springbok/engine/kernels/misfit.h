// Inside the room: why a kernel of this folder does not take a tensor.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace springbok::engine {

/// What all of them want: float32 images on the CPU, channels last, one or more, their channels a multiple of `lanes`.
/// Some take bfloat16 too. Null where that holds, else the reason in words.
inline const char* image_misfit(const at::Tensor& x, std::int64_t lanes, bool takes_bfloat16 = false) {
  if (x.scalar_type() == at::kDouble) return "float64";
  const bool lower = takes_bfloat16 && x.scalar_type() == at::kBFloat16;
  if (x.scalar_type() != at::kFloat && !lower) return "not float32";
  if (!x.device().is_cpu()) return "not on the CPU";
  if (x.dim() != 4) return "no map";
  if (x.numel() == 0) return "no images";
  if (x.size(1) % lanes != 0) return "channels are no multiple of 8";
  if (!x.is_contiguous(at::MemoryFormat::ChannelsLast)) return "not channels last";
  return nullptr;
}

}  // namespace springbok::engine
