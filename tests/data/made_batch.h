// The batch that fixtures of mixing were made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "springbok/data/load/loader.h"

namespace springbok::data {

/// The batch of make_policies.py, images of classes 0, 1, ...
inline Batch batch_of(const nlohmann::json& shape) {
  Batch batch{.size = shape[0],
              .height = shape[1],
              .width = shape[2],
              .channels = shape[3],
              .pixels = {},
              .targets = {},
              .indices = {}};
  batch.pixels.resize(static_cast<std::size_t>(batch.size) * batch.height * batch.width * batch.channels);
  for (std::size_t i = 0; i < batch.pixels.size(); ++i) {
    batch.pixels[i] = static_cast<float>(i * 37 % 101) / 50.0F - 1.0F;
  }
  for (std::int64_t i = 0; i < batch.size; ++i) batch.targets.push_back(i);
  return batch;
}

}  // namespace springbok::data
