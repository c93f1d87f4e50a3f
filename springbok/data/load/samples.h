// Inside the room: samples, from their source into their places of a batch.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "springbok/base/error.h"
#include "springbok/data/load/loader.h"

namespace springbok::data {

/// A sample that cannot be loaded, as opposed to what else may go wrong.
class BadImage : public Error {
 public:
  using Error::Error;
};

/// May be called from many threads, for different places.
class Samples {
 public:
  /// Throws UsageError for a transform that the source has no masks for.
  Samples(const Source& source, SampleTransform transform, std::int64_t batch);

  /// What all batches have alike.
  void describe(Batch& batch) const;
  /// Makes room for the batch's samples, and for the one before them. Throws Error where there is no memory.
  void allocate(Batch& batch, bool with_previous) const;
  /// Loads a sample to its place; behind the last one is that of the previous one. Throws BadImage naming it.
  void load(Batch& batch, std::int64_t place, std::int64_t sample, const Rng& rng) const;

 private:
  std::size_t values(const Batch& batch) const;
  void load_image(Batch& batch, std::int64_t place, std::int64_t sample, const Rng& rng) const;
  void load_pixels(Batch& batch, std::int64_t place, std::int64_t sample, const Rng& rng) const;
  void load_target(Batch& batch, std::int64_t place, std::int64_t sample) const;
  std::string name(std::int64_t sample) const;

  const Source& source_;
  SampleTransform transform_;
  TargetKind kind_;
  std::size_t classes_;
};

/// Moves the samples that are kept together. `bad`: places, and why each is left out.
void leave_out(Batch& batch, const std::map<std::int64_t, std::string>& bad);

}  // namespace springbok::data
