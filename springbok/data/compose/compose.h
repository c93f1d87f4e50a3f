// Data sets of composed photographs, in COCO's and in PASCAL VOC's form, made from a seed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace springbok::data {

struct ComposeSettings {
  std::filesystem::path stamps = "/usr/share/tuxpaint/stamps";  ///< cut-outs: PNGs with alpha, in folders
  std::filesystem::path backgrounds = ".samples/backgrounds";   ///< photographs without objects of the classes
  /// Folders below `stamps`, each a class.
  std::vector<std::string> classes = {"animals/birds",   "animals/fish",    "animals/insects", "animals/mammals",
                                      "food/fruit",      "food/vegetables", "plants/flowers",  "vehicles",
                                      "household/tools", "symbols/money",   "space/planets",   "town/roadsigns",
                                      "sports",          "hobbies/music"};
  std::int64_t seed = 0, train = 400, val = 100;  ///< images of each part
  int size = 320;                                 ///< the longer side in pixels; others are 2/3, 3/4 or as long
  int band = 2;                                   ///< pixels around objects that the masks ignore (255)
  int threads = 1;
  std::function<void(std::int64_t)> done = {};  ///< hears of the images written, from any thread
};

struct ComposedPart {
  std::int64_t images = 0, empty = 0;  ///< those without objects among them
  std::int64_t objects = 0, small = 0, medium = 0, large = 0, crowds = 0;
  std::int64_t cutouts = 0;  ///< different ones at hand
};

struct Composed {
  std::vector<std::string> classes;
  std::vector<std::string> left_out;  ///< why PNGs are no cut-outs, and how many
  ComposedPart train, val;
};

/// Writes below `out`:
///   coco/annotations/instances_{train,val}2014.json, coco/{train,val}2014/COCO_train2014_000000000001.jpg
///   VOCdevkit/VOC2012/JPEGImages/2012_000001.jpg, SegmentationClass/2012_000001.png (indices, VOC's colours),
///   list/{train_aug,val}.txt (an image and its mask a line), ImageSets/Segmentation/{train,val}.txt, classes.txt
/// The same images stand in both; `train` and `val` have no cut-out in common. Of the JSON, boxes are bounds, areas are
/// counts of pixels, and all masks are uncompressed run lengths; an object's `cutouts` say what it is made of. The same
/// settings give the same bytes, whatever `threads`. Lists and JSON are written last. Throws Error for an `out` that is
/// there and not empty, for folders without photographs, and as `read_cutouts` does.
Composed compose(const std::filesystem::path& out, const ComposeSettings& settings);

}  // namespace springbok::data
