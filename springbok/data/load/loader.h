// The loader: worker threads turn samples into batches, in an order and with randomness that depend on nothing but the
// seed, the epoch and the sample.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "springbok/data/augment/pixel_transform.h"
#include "springbok/data/source/source.h"

namespace springbok::data {

/// One batch, or a rank's share of it: float pixels (N,H,W,C), normalised, and what they are.
struct Batch {
  std::int64_t size = 0;   ///< 0 where a rank has no share of an epoch's last batch
  std::int64_t first = 0;  ///< where its first image stands in the epoch's order, those that are left out counted
  int height = 0, width = 0, channels = 0;
  std::vector<float> pixels;              ///< size*height*width*channels values, channels last
  std::vector<std::int64_t> targets;      ///< class indices; empty where samples have labels or masks
  std::vector<std::int64_t> indices;      ///< sample indices in the source
  std::vector<std::uint8_t> labels = {};  ///< of a source of labels: size*classes, bits of base/label_sizes.h
  std::vector<std::uint8_t> masks = {};   ///< of a source of masks: size*height*width class indices, or 255

  /// With `mix_over`: the image whose neighbour the first one is, where it is not in this batch; else empty.
  std::vector<float> previous = {};
  std::int64_t previous_target = -1;
  std::vector<std::uint8_t> previous_labels = {};
};

/// Shuffled: each sample once an epoch. Balanced: the classes by turns, in an order drawn anew for each round of them,
/// and each class's samples all before one comes again; an epoch keeps its length.
enum class Sampler : std::uint8_t { shuffled, balanced };
const std::vector<std::string>& sampler_names();

struct LoaderSettings {
  std::int64_t batch = 32;  ///< images, of all ranks together
  int rank = 0, ranks = 1;  ///< which part of each batch to load: the `rank`-th of so many, all of about one size
  int workers = 1;          ///< loading threads; 0 loads in the caller's thread
  std::uint64_t seed = 0;
  std::int64_t epoch = 0;
  std::int64_t first_batch = 0;  ///< where to start in the epoch: O(1), for resuming
  bool shuffle = false;
  Sampler sampler = Sampler::shuffled;  ///< with `shuffle`
  bool drop_last = false;
  std::int64_t repeats = 1;  ///< repeated augmentation: each drawn sample stands so often in a row, each time drawn
                             ///< anew; an epoch keeps its length and so sees 1 / repeats of the samples
  std::int64_t shuffle_buffer = 0;  ///< shuffled by shard, and so many neighbours mixed; 0: as the source wants it
  /// Images that are mixed with their neighbours in a circle, those of a step: a multiple of `batch`. The neighbour
  /// from outside a batch or share is loaded with it. 0: nothing is mixed.
  std::int64_t mix_over = 0;
  int prefetch = 2;       ///< finished batches that may wait
  bool skip_bad = false;  ///< leave images out that cannot be loaded, instead of throwing; never for an evaluation
};

/// Batches per epoch for a source of `samples`: the last one may be smaller, and is left out with `drop_last`.
std::int64_t batches_per_epoch(std::int64_t samples, std::int64_t batch, bool drop_last);

/// Iterates once over (the rest of) an epoch. Batches come in order whatever the number of workers, and hold the same
/// values, as do the shares of any number of ranks together. Order and augmentation depend on seed, epoch and sample
/// only. All ranks have the same number of batches. An exception of a worker (bad image) is rethrown by `next`, naming
/// the sample, and by every later call. What else a source throws becomes an Error that names the sample too. `next`
/// and `recycle` may be called from several threads: each batch goes to one of them. At most `prefetch` batches are
/// finished or in the making, beside those that the caller holds. Destroying it early stops the workers after the
/// samples they are at.
///
/// The constructor throws Error for a source without samples, and for `drop_last` when there is not one full batch. So
/// it does for a batch of fewer images than ranks, for masks that the source has not, and for settings that cannot be.
/// Images that keep their own size come one a batch. The source must outlive it. A loader works in the process that
/// made it only: in a child forked from it `next` is an Error, and a new loader can be made there.
class Loader {
 public:
  Loader(const Source& source, SampleTransform transform, const LoaderSettings& settings);
  Loader(const Source&&, SampleTransform, const LoaderSettings&) = delete;  ///< a temporary source would not outlive it
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  /// The next batch, or nothing at the end of the epoch.
  std::optional<Batch> next();
  /// Gives a batch back, so that its memory is used again. Not needed, only faster.
  void recycle(Batch&& batch);
  /// With `skip_bad`: why each image left out so far could not be loaded, in order of the batches. A batch then holds
  /// fewer images than it should; one that would hold none is an Error, of several ranks' shares it is empty.
  /// To be read between calls of `next`.
  const std::vector<std::string>& skipped() const;
  /// Seconds the caller has waited in `next` so far.
  double waited() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace springbok::data
