// Dividing a recipe's numbers.
#include "springbok/recipe/elastic_accumulation.h"

#include "springbok/base/error.h"

namespace springbok::recipe {

ElasticAccumulation elastic_accumulation(std::int64_t gpus, std::int64_t devices, std::int64_t batch,
                                         ElasticBatch counts) {
  if (devices < 1 || gpus < devices) {
    fail_usage("a run for {} devices cannot be done on {}: take as many or fewer", gpus, devices);
  }
  const std::int64_t micro_batches = gpus / devices;
  const std::int64_t each = counts == ElasticBatch::whole ? batch / micro_batches : batch;
  if (each < 1) fail_usage("a batch of {} cannot be split in {}; take a larger batch", batch, micro_batches);
  const auto n = static_cast<double>(micro_batches);
  return {.micro_batches = micro_batches, .batch = each, .lr_factor = 1 / n, .decay_factor = n};
}

}  // namespace springbok::recipe
