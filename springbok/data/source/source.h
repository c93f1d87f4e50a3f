// Sources: where samples come from. A sample is an image (encoded or raw), what it is labelled with, and a name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "springbok/data/source/split.h"
#include "springbok/image/encoded.h"
#include "springbok/image/image.h"

namespace springbok::data {

/// What the samples of a source are labelled with: a class each, any number of labels, or a class for each pixel.
enum class TargetKind : std::uint8_t { classes, labels, masks };

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
  /// The sample will soon be asked for: a kind that can begins to fetch it, without waiting and without an Error.
  virtual void expect(std::int64_t /*index*/) const {}
  /// Throws Error when the sample is not as it was written, as a hash tells that was stored with it; decoding alone may
  /// not notice. Nothing for sources that store none.
  virtual void check_stored(std::int64_t /*index*/) const {}
  /// Size and times of the file that the sample lies in, as text; empty where nothing tells whether it changed.
  virtual std::string stamp(std::int64_t /*index*/) const { return ""; }
  virtual TargetKind target_kind() const { return TargetKind::classes; }
  /// Class index of the sample, or -1 when it has none. Sources of labels or masks have none.
  virtual std::int64_t target(std::int64_t index) const = 0;
  /// Of a source of labels: for each class whether, and in which sizes, the sample shows it (base/label_sizes.h).
  virtual std::vector<std::uint8_t> labels(std::int64_t index) const;
  /// Of a source of masks: 1 channel of class indices, 255 where nothing counts, of the image's size. Throws as `image`
  /// does, and for an index that is no class.
  virtual image::Image mask(std::int64_t index) const;
  /// Where each shard's samples end, for sources that are made of files with many samples each; else empty.
  virtual std::span<const std::int64_t> shards() const { return {}; }
  /// How many neighbours to mix where reading one shard after the other is so much quicker that training should; 0
  /// where any order costs the same.
  virtual std::int64_t shuffle_buffer() const { return 0; }
  /// How messages name the sample: a path relative to the root, or `train/00042`.
  virtual std::string name(std::int64_t index) const = 0;
  /// What was found, in one line: `folder: 1,281,167 images in 1,000 classes`.
  virtual std::string description() const = 0;
  /// A digest of names and targets (and sizes where known), to tell that a run is resumed on the same data.
  virtual std::string digest() const = 0;
  /// What is probably not as meant, each a line: classes with names like `.ipynb_checkpoints`.
  virtual std::vector<std::string> warnings() const;
};

/// How the folders of an image folder, or the shards of a set of tar files, were looked at.
struct IndexLook {
  const char* what = "";               ///< "folders" or "shards"
  std::int64_t listed = 0, known = 0;  ///< those listed anew, and those that are as the index of last time says
  std::filesystem::path index;         ///< the file that is kept for the next time; empty when there is none
};

/// How `open_source` looks at image folders and tar shards; other kinds have nothing to look up.
struct OpenSettings {
  bool rescan = false;                                ///< list everything, whatever the index says
  std::function<void(const IndexLook&)> looked = {};  ///< hears of it
  /// Above 0: `train` and `val` are both made of the training images, `val` of this share of them (`held_out`). An
  /// Error where there are validation images.
  double val_share = 0;
  bool share_where_needed = false;  ///< no Error: validation images that are there are taken
};

/// The kinds that `open_source` knows, for help texts.
inline constexpr const char* kSourceKinds = "folder, idx, cifar, lmdb, pack, tar, list, coco, voc, masks, labels";

/// Opens `PATH` (its kind is detected) or `KIND:PATH`, the kind one of kSourceKinds. Some have forms by name. Names
/// with dots in shards are read by `tar-first-dot:` or `tar-last-dot:`; `coco-2014:` and `coco-2017:` choose a year;
/// `voc-imagesets:` takes the lists of ImageSets/Segmentation alone. `masks:` is images/ and masks/, `labels:` a CSV,
/// or texts beside images. An address (`http://...`) is one of tar shards. Throws Error saying what was looked for and
/// what was there instead.
std::unique_ptr<Source> open_source(const std::string& spec, const Split& split, const OpenSettings& settings = {});

/// Whether the text names a kind (`idx:PATH`) or an address, and is no path that exists.
bool names_kind(const std::string& spec);

/// Whether a folder is a data set by the names in it (train/, val/, train.txt, shards, packs, ...), not just images in
/// folders.
bool is_data_set(const std::filesystem::path& folder);

/// Whether `open_source` would find this part.
bool has_split(const std::string& spec, const Split& split);

/// The first `limit` samples of a source (all when 0), every class kept. For `--limit N` the samples are spread evenly
/// over the source, so that all classes stay present.
std::unique_ptr<Source> limited(std::unique_ptr<Source> source, std::int64_t limit);

/// What a rank has of a source: of its samples in blocks of so many, every `ranks`-th block. So all ranks together have
/// each sample once, and in batches of a block the same ones as one rank alone.
struct Part {
  int rank = 0, ranks = 1;
  std::int64_t block = 1;

  std::int64_t size(std::int64_t samples) const;  ///< of a source of so many; may be 0
  std::int64_t at(std::int64_t index) const {     ///< the source's index of the part's sample
    return (index / block * ranks + rank) * block + index % block;
  }
};

/// That part of a source, which must outlive it.
std::unique_ptr<Source> part_of(const Source& source, const Part& part);

/// Of a source either what is held out for validation, or the others. Held out are the samples whose names have a
/// SHA-256 that begins, read as a fraction of 2^64, below `share`. So the same samples are held out whatever the order,
/// and when others are added. Throws Error when that is none or all of them.
std::unique_ptr<Source> held_out(std::unique_ptr<Source> source, double share, bool validation);

/// All samples of a source, `times` times over: an epoch as long as small sources do not have.
std::unique_ptr<Source> repeated(std::unique_ptr<Source> source, std::int64_t times);

/// The samples whose images can be loaded; `left_out` hears of each other one, in their order: its name and the reason.
/// Decodes every image, `done` hears of the images finished, from any thread. Throws Error when none can be loaded.
std::unique_ptr<Source> loadable(std::unique_ptr<Source> source, int threads,
                                 const std::function<void(const std::string&)>& left_out,
                                 const std::function<void(std::int64_t)>& done = {});

}  // namespace springbok::data
