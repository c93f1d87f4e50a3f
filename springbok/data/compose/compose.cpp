// Composing: scenes drawn in any order, each from a stream of its own; lists and JSON when all are written.
#include "springbok/data/compose/compose.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/threads.h"
#include "springbok/data/compose/coco_write.h"
#include "springbok/data/compose/cutouts.h"
#include "springbok/data/compose/scene.h"
#include "springbok/data/folder/image_names.h"
#include "springbok/image/decode.h"
#include "springbok/image/encode.h"
#include "springbok/image/palette.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

void expect_new(const fs::path& out) {
  if (!fs::exists(out)) return;
  if (fs::is_directory(out) && fs::is_empty(out)) return;
  fail("{}: is there already, and composing writes a new folder; remove it, or give another --out", out.string());
}

std::vector<image::Image> read_backgrounds(const fs::path& folder, int threads) {
  if (!fs::is_directory(folder)) {
    fail("{}: no such folder of photographs (--backgrounds); './dev setup' brings some to .samples/backgrounds",
         folder.string());
  }
  std::vector<fs::path> paths;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file() && is_image_name(entry.path().filename().string())) paths.push_back(entry.path());
  }
  if (paths.empty()) fail("{}: has no photographs to compose on (--backgrounds)", folder.string());
  std::sort(paths.begin(), paths.end());
  std::vector<image::Image> photographs(paths.size());
  parallel_for(paths.size(), threads,
               [&](std::size_t i) { photographs[i] = image::decode(read_file(paths[i]), 3, paths[i].string()); });
  return photographs;
}

void write_bytes(const fs::path& path, const std::vector<std::byte>& bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit(false);
}

void write_lines(const fs::path& path, const std::vector<std::string>& lines) {
  write_file(path, join(lines, "\n") + "\n");
}

/// A part of the data set: where its files go and what they are called.
struct Part {
  const char* name;                                 ///< train or val
  const std::vector<std::vector<Cutout>>& cutouts;  ///< by class
  std::int64_t images, first;                       ///< how many, and the number of the first in VOC's list
  std::vector<WrittenImage> written = {};

  std::string coco_folder() const { return format("{}2014", name); }
  std::string coco_name(std::int64_t index) const { return format("COCO_{}_{:012}.jpg", coco_folder(), index + 1); }
  std::string voc_name(std::int64_t index) const { return format("2012_{:06}", first + index + 1); }
};

class Composition {
 public:
  Composition(fs::path out, const ComposeSettings& settings)
      : settings_(settings), coco_(out / "coco"), voc_(out / "VOCdevkit/VOC2012") {}

  Composed run();

 private:
  void write_image(Part& part, std::int64_t index);
  void write_lists(const Part& part) const;
  void write_json(const Part& part, std::int64_t first_object) const;
  static ComposedPart counted(const Part& part);

  const ComposeSettings& settings_;
  fs::path coco_, voc_;
  CutoutParts cutouts_;
  std::vector<image::Image> backgrounds_;
};

void Composition::write_image(Part& part, std::int64_t index) {
  const Rng rng(static_cast<std::uint64_t>(settings_.seed),
                {fnv1a64("compose"), fnv1a64(part.name), static_cast<std::uint64_t>(index)});
  Scene scene = draw_scene(part.cutouts, backgrounds_, {.size = settings_.size, .band = settings_.band}, rng);
  const std::vector<std::byte> jpeg = image::encode_jpeg(scene.pixels, {.quality = scene.quality});
  write_bytes(coco_ / part.coco_folder() / part.coco_name(index), jpeg);
  write_bytes(voc_ / "JPEGImages" / (part.voc_name(index) + ".jpg"), jpeg);
  write_bytes(voc_ / "SegmentationClass" / (part.voc_name(index) + ".png"),
              image::encode_indices(scene.mask, image::voc_palette()));
  part.written[static_cast<std::size_t>(index)] = {.id = part.first + index + 1,
                                                   .file = part.coco_name(index),
                                                   .size = {scene.pixels.height, scene.pixels.width},
                                                   .objects = std::move(scene.objects)};
}

void Composition::write_lists(const Part& part) const {
  std::vector<std::string> pairs, names;
  for (std::int64_t i = 0; i < part.images; ++i) {
    const std::string name = part.voc_name(i);
    pairs.push_back(format("/JPEGImages/{}.jpg /SegmentationClass/{}.png", name, name));
    names.push_back(name);
  }
  const std::string own = part.name == std::string("train") ? "train_aug" : part.name;
  write_lines(voc_ / "list" / (own + ".txt"), pairs);
  write_lines(voc_ / "ImageSets/Segmentation" / (std::string(part.name) + ".txt"), names);
}

void Composition::write_json(const Part& part, std::int64_t first_object) const {
  const std::string description =
      format("{} {} images composed from seed {}; the parts train and val have no cut-out in common", part.images,
             part.name, settings_.seed);
  write_coco(coco_ / format("annotations/instances_{}.json", part.coco_folder()), description, cutouts_.classes,
             part.written, first_object);
}

ComposedPart Composition::counted(const Part& part) {
  ComposedPart count{.images = part.images};
  for (const auto& of_class : part.cutouts) count.cutouts += static_cast<std::int64_t>(of_class.size());
  for (const WrittenImage& image : part.written) {
    count.empty += image.objects.empty() ? 1 : 0;
    for (const SceneObject& object : image.objects) {
      const std::int64_t area = object.outline.area;
      ++count.objects;
      ++(area < kSmallArea ? count.small : area < kMediumArea ? count.medium : count.large);
      count.crowds += object.crowd ? 1 : 0;
    }
  }
  return count;
}

Composed Composition::run() {
  cutouts_ = read_cutouts(settings_.stamps, settings_.classes, settings_.size,
                          static_cast<std::uint64_t>(settings_.seed), settings_.threads);
  backgrounds_ = read_backgrounds(settings_.backgrounds, settings_.threads);
  Part train{"train", cutouts_.train, settings_.train, 0};
  Part val{"val", cutouts_.val, settings_.val, settings_.train};
  for (const fs::path& folder :
       {coco_ / "annotations", coco_ / train.coco_folder(), coco_ / val.coco_folder(), voc_ / "JPEGImages",
        voc_ / "SegmentationClass", voc_ / "list", voc_ / "ImageSets/Segmentation"}) {
    make_folder(folder);
  }
  train.written.resize(static_cast<std::size_t>(train.images));
  val.written.resize(static_cast<std::size_t>(val.images));
  std::atomic<std::int64_t> done = 0;
  parallel_for(static_cast<std::size_t>(train.images + val.images), settings_.threads, [&](std::size_t i) {
    const auto index = static_cast<std::int64_t>(i);
    index < train.images ? write_image(train, index) : write_image(val, index - train.images);
    const std::int64_t finished = ++done;
    if (settings_.done) settings_.done(finished);
  });
  Composed composed{
      .classes = cutouts_.classes, .left_out = cutouts_.left_out, .train = counted(train), .val = counted(val)};
  std::vector<std::string> names{"background"};
  names.insert(names.end(), cutouts_.classes.begin(), cutouts_.classes.end());
  write_lines(voc_ / "classes.txt", names);
  write_lists(train);
  write_lists(val);
  write_json(train, 1);
  write_json(val, 1 + composed.train.objects);
  return composed;
}

}  // namespace

Composed compose(const fs::path& out, const ComposeSettings& settings) {
  expect_new(out);
  return Composition(out, settings).run();
}

}  // namespace springbok::data
