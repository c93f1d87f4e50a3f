// Finding cut-outs, refusing what is none, and sharing them out between training and validation.
#include "springbok/data/compose/cutouts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/rng.h"
#include "springbok/base/threads.h"
#include "springbok/image/geometry.h"
#include "springbok/image/resize.h"
#include "springbok/image/with_alpha.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

constexpr std::array kDrawings{"cartoon", "toys", "plastic", "00_symbols"};
/// Tux Paint's drawings that lie among photographs, and two parts of a car.
constexpr std::array kOtherDrawings{"animals/insects/bee.png", "animals/mammals/hedgehog.png", "vehicles/7spoke256.png",
                                    "vehicles/emergency/sedan_police.png"};

/// Why files are no cut-outs, in the order in which they are told.
enum class Refused { drawing, mirrored, copy, opaque, translucent, tiny };
constexpr std::array kReasons{
    "drawings", "mirrored copies", "copies of others", "without transparent pixels", "translucent", "tiny"};

struct Counts {
  std::array<int, kReasons.size()> of{};
  int& operator[](Refused reason) { return of[static_cast<std::size_t>(reason)]; }
};

struct Found {
  std::string name;
  int label = 0;
};

struct Read {
  std::string digest;
  std::optional<Refused> refused;
  Cutout cutout;
};

template <class Names>
bool names(const Names& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

std::vector<std::string> class_names(const std::vector<std::string>& folders) {
  constexpr std::size_t kMost = 254;  // of a mask's 256 numbers, 0 is the background and 255 counts for nothing
  if (folders.empty()) fail_usage("--classes: name the folders that are classes");
  if (folders.size() > kMost)
    fail_usage("--classes: {} are more than the {} that a mask can tell apart", folders.size(), kMost);
  std::vector<std::string> classes;
  for (const std::string& folder : folders) {
    const std::string name = fs::path(folder + "/").parent_path().filename().string();
    if (names(classes, name)) fail_usage("--classes: two folders are called '{}', so two classes would be", name);
    classes.push_back(name);
  }
  return classes;
}

bool is_drawing(const fs::path& name) {
  return names(kOtherDrawings, name.generic_string()) ||
         std::any_of(name.begin(), name.end(), [](const fs::path& part) { return names(kDrawings, part.string()); });
}

/// The PNGs of one class, by name.
void find(const fs::path& root, const std::vector<std::string>& folders, std::size_t label, std::vector<Found>& found,
          Counts& refused) {
  const fs::path folder = root / folders[label];
  std::error_code error;
  fs::recursive_directory_iterator at(folder, error);
  if (error) fail("{}: no such folder of cut-outs; name folders below --stamps with --classes", folder.string());
  const auto is_class = [&](const fs::path& path) {
    return std::any_of(folders.begin(), folders.end(),
                       [&](const std::string& each) { return fs::equivalent(root / each, path, error); });
  };
  std::vector<std::string> photographs;
  for (; at != fs::recursive_directory_iterator(); at.increment(error)) {
    const fs::path& path = at->path();
    if (at->is_directory() && is_class(path)) at.disable_recursion_pending();
    if (path.extension() != ".png" || !at->is_regular_file()) continue;
    const fs::path name = path.lexically_relative(root);
    if (is_drawing(name)) {
      ++refused[Refused::drawing];
    } else if (path.stem().string().ends_with("_mirror")) {
      ++refused[Refused::mirrored];
    } else {
      photographs.push_back(name.generic_string());
    }
  }
  std::sort(photographs.begin(), photographs.end());
  for (std::string& name : photographs) found.push_back({std::move(name), static_cast<int>(label)});
}

std::optional<Refused> refusal(const image::Image& rgba) {
  constexpr int kTiny = 24, kSeen = 20;
  constexpr double kTranslucent = 0.6;
  std::int64_t object = 0, half = 0, through = 0;
  for (std::size_t i = 3; i < rgba.pixels.size(); i += 4) {
    const int alpha = rgba.pixels[i];
    object += alpha >= kObjectAlpha ? 1 : 0;
    through += alpha < kObjectAlpha ? 1 : 0;
    half += alpha > kSeen && alpha < 255 - kSeen ? 1 : 0;
  }
  if (through == 0) return Refused::opaque;
  if (object == 0 || static_cast<double>(half) > kTranslucent * static_cast<double>(object))
    return Refused::translucent;
  if (std::max(rgba.height, rgba.width) < kTiny) return Refused::tiny;
  return std::nullopt;
}

Read read(const fs::path& root, const Found& found, int longest) {
  const std::vector<std::byte> bytes = read_file(root / found.name);
  Read read{.digest = sha256(bytes), .refused = {}, .cutout = {.name = found.name, .label = found.label, .pixels = {}}};
  image::Image rgba = image::decode_with_alpha(bytes, (root / found.name).string());
  read.refused = refusal(rgba);
  if (read.refused) return read;
  rgba = trimmed(rgba);
  const double share = static_cast<double>(longest) / std::max(rgba.height, rgba.width);
  if (share < 1) {
    const auto side = [&](int whole) { return std::max(1, static_cast<int>(std::lround(whole * share))); };
    rgba = trimmed(image::resize(rgba, side(rgba.height), side(rgba.width), image::Filter::bicubic));
  }
  read.cutout.area = object_area(rgba);
  read.cutout.pixels = std::move(rgba);
  return read;
}

void refuse_copies(std::vector<Read>& all) {
  std::set<std::string> digests;
  for (Read& each : all) {
    if (!digests.insert(each.digest).second) each.refused = Refused::copy;
  }
}

/// Takes the class's cut-outs out of all that was read. Throws Error where they are too few.
std::vector<Cutout> of_class(std::vector<Read>& all, int label, const fs::path& folder) {
  constexpr std::size_t kFewest = 4;
  std::vector<Cutout> cutouts;
  int opaque = 0, others = 0;
  for (Read& each : all) {
    if (each.cutout.label != label) continue;
    if (each.refused) {
      ++(each.refused == Refused::opaque ? opaque : others);
    } else {
      cutouts.push_back(std::move(each.cutout));
    }
  }
  if (cutouts.size() < kFewest) {
    fail(
        "{}: {} cut-outs; a class needs {} (PNGs of objects with an alpha mask); {} of its PNGs have no transparent "
        "pixels, {} are copies, translucent or tiny",
        folder.string(), cutouts.size(), kFewest, opaque, others);
  }
  return cutouts;
}

/// Shares out what a class has: every fourth, in an order drawn by the seed, is for validation.
void share_out(std::vector<Cutout> all, std::uint64_t seed, CutoutParts& parts) {
  constexpr std::size_t kPart = 4;
  const Permutation order(all.size(), seed ^ fnv1a64(all.front().name));
  std::vector<Cutout> train, val;
  for (std::size_t i = 0; i < all.size(); ++i) {
    Cutout& cutout = all[order.at(i)];
    (i % kPart == kPart - 1 ? val : train).push_back(std::move(cutout));
  }
  parts.train.push_back(std::move(train));
  parts.val.push_back(std::move(val));
}

}  // namespace

std::int64_t object_area(const image::Image& rgba) {
  std::int64_t area = 0;
  for (std::size_t i = 3; i < rgba.pixels.size(); i += 4) area += rgba.pixels[i] >= kObjectAlpha ? 1 : 0;
  return area;
}

image::Image trimmed(const image::Image& rgba) {
  int top = rgba.height, bottom = -1, left = rgba.width, right = -1;
  for (int y = 0; y < rgba.height; ++y) {
    for (int x = 0; x < rgba.width; ++x) {
      if (rgba.row(y)[4 * x + 3] == 0) continue;
      top = std::min(top, y);
      bottom = std::max(bottom, y);
      left = std::min(left, x);
      right = std::max(right, x);
    }
  }
  return image::crop(rgba, {top, left, bottom - top + 1, right - left + 1});
}

CutoutParts read_cutouts(const fs::path& root, const std::vector<std::string>& folders, int longest, std::uint64_t seed,
                         int threads) {
  CutoutParts parts{.classes = class_names(folders), .train = {}, .val = {}, .left_out = {}};
  if (!fs::is_directory(root)) {
    fail("{}: no such folder of cut-outs (--stamps); Debian's package tuxpaint-stamps-default brings them",
         root.string());
  }
  std::vector<Found> found;
  Counts refused;
  for (std::size_t i = 0; i < folders.size(); ++i) find(root, folders, i, found, refused);
  std::vector<Read> all(found.size());
  parallel_for(found.size(), threads, [&](std::size_t i) { all[i] = read(root, found[i], longest); });
  refuse_copies(all);
  for (const Read& each : all) {
    if (each.refused) ++refused[*each.refused];
  }
  for (std::size_t i = 0; i < folders.size(); ++i) {
    share_out(of_class(all, static_cast<int>(i), root / folders[i]), seed, parts);
  }
  for (std::size_t i = 0; i < kReasons.size(); ++i) {
    if (refused.of[i] > 0) parts.left_out.push_back(format("{} {}", refused.of[i], kReasons[i]));
  }
  return parts;
}

}  // namespace springbok::data
