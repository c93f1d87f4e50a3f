// The index file's body: the JSON's stamp, its lists and its labels.
#include "springbok/data/labels/coco_index.h"

#include <algorithm>
#include <array>
#include <utility>

#include "springbok/data/folder/folder_tree.h"
#include "springbok/data/source/kept_index.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFormat = "springbok-coco-1";

/// The numbers of an index in their order.
template <class Instances>
auto counts(Instances& i) {
  return std::array{
      &i.objects,        &i.crowds,        &i.of_unknown_images, &i.first_unknown,      &i.repeated.count,
      &i.repeated.first, &i.outside.count, &i.outside.first,     &i.without_area.count, &i.without_area.first};
}

}  // namespace

std::string write_coco_index(const std::string& stamp, const CocoInstances& instances) {
  IndexWriter out;
  out.text(stamp);
  for (const std::int64_t* each : counts(instances)) out.number(*each);
  out.number<std::uint64_t>(instances.classes.size());
  for (std::size_t i = 0; i < instances.classes.size(); ++i) {
    out.number(instances.category_ids[i]);
    out.text(instances.classes[i]);
  }
  out.number<std::uint64_t>(instances.images.size());
  for (const CocoImage& image : instances.images) {
    out.number(image.id);
    out.text(image.file);
  }
  out.text({reinterpret_cast<const char*>(instances.labels.data()), instances.labels.size()});
  return out.bytes();
}

std::optional<CocoInstances> read_coco_index(std::string_view body, const std::string& stamp) {
  IndexReader in(body);
  if (in.text() != stamp) return std::nullopt;
  CocoInstances found;
  for (std::int64_t* each : counts(found)) *each = in.number<std::int64_t>();
  for (auto left = in.number<std::uint64_t>(); left > 0 && in.good(); --left) {
    found.category_ids.push_back(in.number<std::int64_t>());
    found.classes.emplace_back(in.text());
  }
  for (auto left = in.number<std::uint64_t>(); left > 0 && in.good(); --left) {
    const auto id = in.number<std::int64_t>();
    found.images.push_back({id, std::string(in.text())});
  }
  const std::string_view labels = in.text();
  found.labels.assign(labels.begin(), labels.end());
  const bool fits = found.labels.size() == found.images.size() * found.classes.size();
  return in.good() && in.at_end() && fits ? std::optional(std::move(found)) : std::nullopt;
}

IndexedCoco indexed_coco(const fs::path& json, bool rescan, std::uint64_t least_bytes) {
  std::error_code ignored;
  const std::string stamp = settled_stamp(json);  // before reading: a change meanwhile shows in the next one
  const std::uint64_t size = fs::file_size(json, ignored);
  if (ignored || size < least_bytes || stamp.empty()) return {.instances = read_coco(json), .read = true, .index = {}};
  const auto index = KeptIndex::of("coco", kFormat, fs::weakly_canonical(json, ignored).string());
  if (const auto body = index.read(rescan)) {
    if (auto known = read_coco_index(*body, stamp)) return {std::move(*known), false, index.file};
  }
  IndexedCoco found{.instances = read_coco(json), .read = true, .index = index.file};
  if (!index.write(write_coco_index(stamp, found.instances))) found.index.clear();
  return found;
}

}  // namespace springbok::data
