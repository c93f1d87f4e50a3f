// Sources: where samples come from. A sample is an image (encoded or raw), a class index and a name.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "springbok/image/encoded.h"
#include "springbok/image/image.h"

namespace springbok::data {

/// A finite, random-access set of labelled images. `image` may be called from many threads at once.
class Source {
 public:
  virtual ~Source() = default;
  virtual std::int64_t size() const = 0;
  /// Class names in index order; evaluation matches classes by these names.
  virtual const std::vector<std::string>& classes() const = 0;
  /// Channels of the images as stored: 1 for the MNIST family, 3 for photographs.
  virtual int channels() const = 0;
  /// The decoded image with `channels` channels (1 or 3). Throws Error naming the file and what is wrong with it.
  virtual image::Image image(std::int64_t index, int channels) const = 0;
  /// The same image before decoding, for sources that store encoded files; else nothing. Same errors.
  virtual std::optional<image::Encoded> encoded(std::int64_t /*index*/, int /*channels*/) const { return std::nullopt; }
  /// Throws Error when the sample is not as it was written, as a hash tells that was stored with it; decoding alone may
  /// not notice. Nothing for sources that store none.
  virtual void check_stored(std::int64_t /*index*/) const {}
  /// Class index of the sample, or -1 when it has none.
  virtual std::int64_t target(std::int64_t index) const = 0;
  /// How messages name the sample: a path relative to the root, or `train/00042`.
  virtual std::string name(std::int64_t index) const = 0;
  /// What was found, in one line: `folder: 1,281,167 images in 1,000 classes`.
  virtual std::string description() const = 0;
  /// A digest of names and targets (and sizes where known), to tell that a run is resumed on the same data.
  virtual std::string digest() const = 0;
};

enum class Split { train, val };

/// The kinds that `open_source` knows, for help texts.
inline constexpr const char* kSourceKinds = "folder, idx, cifar, lmdb, pack, tar, list";

/// Opens `PATH` (its kind is detected) or `folder:PATH`, `idx:PATH`, `cifar:`, `lmdb:`, `pack:`, `tar:`
/// (WebDataset), `list:`.
/// Throws Error saying what was looked for and what was there instead.
std::unique_ptr<Source> open_source(const std::string& spec, Split split);

/// The first `limit` samples of a source (all when 0), every class kept. For `--limit N` the samples are spread evenly
/// over the source, so that all classes stay present.
std::unique_ptr<Source> limited(std::unique_ptr<Source> source, std::int64_t limit);

}  // namespace springbok::data
