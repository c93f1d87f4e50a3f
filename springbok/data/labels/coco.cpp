// Reading COCO's annotations.
#include "springbok/data/labels/coco.h"

#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <deque>
#include <limits>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/label_sizes.h"
#include "springbok/base/quote.h"
#include "springbok/base/random_file.h"
#include "springbok/data/labels/json_stream.h"

namespace springbok::data {
namespace {

std::uint8_t size_of(double area) {
  constexpr double kSmallBelow = 32.0 * 32, kMediumBelow = 96.0 * 96;
  return area < kSmallBelow ? kSmall : area < kMediumBelow ? kMedium : kLarge;
}

template <class T>
std::optional<T> number_in(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// The keys of an image, a category or an annotation that are looked at.
enum class Field : std::uint8_t { other, id, image_id, category_id, area, crowd, name, file_name, height, width, box };

Field field_named(std::string_view name) {
  constexpr std::pair<std::string_view, Field> kFields[] = {
      {"id", Field::id},         {"image_id", Field::image_id}, {"category_id", Field::category_id},
      {"area", Field::area},     {"iscrowd", Field::crowd},     {"name", Field::name},
      {"height", Field::height}, {"width", Field::width},       {"file_name", Field::file_name},
      {"bbox", Field::box}};
  for (const auto& [text, field] : kFields) {
    if (text == name) return field;
  }
  return Field::other;
}

enum class List : std::uint8_t { other, images, annotations, categories };
constexpr std::array<const char*, 4> kLists{"", "images", "annotations", "categories"};

List list_named(std::string_view name) {
  const auto found = std::find(kLists.begin() + 1, kLists.end(), name);
  return found == kLists.end() ? List::other : static_cast<List>(found - kLists.begin());
}

/// Of an image, a category or an annotation: the fields that are looked at.
struct Item {
  std::optional<std::int64_t> id, image_id, category_id;
  std::optional<double> area;
  std::optional<std::string> name, file_name;
  double height = 0, width = 0;
  std::array<double, 4> box{};  ///< left, top, width, height
  std::size_t box_numbers = 0;
  bool crowd = false;
};

constexpr std::int64_t kNoId = -1;

struct Object {
  std::int64_t id = kNoId, image = 0, category = 0;
  float right = 0, bottom = 0;  ///< where its box ends; infinity where it begins outside of any image
  std::uint8_t size = 0;
};

/// What is kept of the JSON until all of it is read.
struct Parts {
  CocoInstances result;
  std::deque<Object> objects;
  std::unordered_map<std::int64_t, std::size_t> images, classes;
  std::vector<std::array<float, 2>> sizes;  ///< height and width of each image, 0 where they are not said
  std::array<bool, kLists.size()> seen{};
};

/// Hears the JSON's parts in order. What stands deeper than the fields of an item is passed over.
class Reader : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Reader> {
 public:
  Reader(const std::string& name, Parts& parts) : name_(name), parts_(parts) {}

  // NOLINTBEGIN(readability-identifier-naming): RapidJSON's names
  bool Null() { return expect_item(); }
  bool Bool(bool value) {
    expect_item();
    if (depth_ == kItem && field_ == Field::crowd) item_.crowd = value;
    return true;
  }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool /*copy*/) {
    expect_item();
    if (field_ != Field::other && depth_ >= kItem) number({text, size});
    return true;
  }
  bool String(const char* text, rapidjson::SizeType size, bool /*copy*/) {
    expect_item();
    if (depth_ == kItem && field_ == Field::name) item_.name = std::string(text, size);
    if (depth_ == kItem && field_ == Field::file_name) item_.file_name = std::string(text, size);
    return true;
  }
  bool Key(const char* text, rapidjson::SizeType size, bool /*copy*/) {
    if (depth_ == kRoot) list_ = list_named({text, size});
    if (depth_ == kItem) field_ = field_named({text, size});
    return true;
  }
  bool StartObject() {
    if (++depth_ == kItem) item_ = {};
    if (depth_ == kItem) field_ = Field::other;
    return true;
  }
  bool EndObject(rapidjson::SizeType /*members*/) {
    if (depth_-- == kItem) finish();
    return true;
  }
  bool StartArray() {
    expect_item();
    if (++depth_ == kList) parts_.seen.at(static_cast<std::size_t>(list_)) = true;
    return true;
  }
  bool EndArray(rapidjson::SizeType /*elements*/) {
    --depth_;
    return true;
  }
  // NOLINTEND(readability-identifier-naming)

 private:
  static constexpr int kRoot = 1, kList = 2, kItem = 3, kBox = 4;

  const char* list() const { return kLists.at(static_cast<std::size_t>(list_)); }

  bool expect_item() const {
    if (depth_ == kList && list_ != List::other)
      fail("{}: an entry of '{}' is no object; it is damaged", name_, list());
    return true;
  }

  void number(std::string_view text) {
    if (depth_ == kBox && field_ == Field::box && item_.box_numbers < item_.box.size()) {
      item_.box.at(item_.box_numbers++) = number_in<double>(text).value_or(0);
    }
    if (depth_ != kItem) return;
    if (field_ == Field::id) item_.id = number_in<std::int64_t>(text);
    if (field_ == Field::image_id) item_.image_id = number_in<std::int64_t>(text);
    if (field_ == Field::category_id) item_.category_id = number_in<std::int64_t>(text);
    if (field_ == Field::area) item_.area = number_in<double>(text);
    if (field_ == Field::crowd) item_.crowd = number_in<double>(text).value_or(0) != 0;
    if (field_ == Field::height) item_.height = number_in<double>(text).value_or(0);
    if (field_ == Field::width) item_.width = number_in<double>(text).value_or(0);
  }

  template <class T>
  T need(const std::optional<T>& value, const char* what) const {
    if (!value) {
      fail("{}: an entry of '{}' (id {}) has no {}; it is damaged", name_, list(),
           item_.id ? std::to_string(*item_.id) : "missing", what);
    }
    return *value;
  }

  void finish() {
    if (list_ == List::images) add_image();
    if (list_ == List::categories) add_category();
    if (list_ == List::annotations) add_object();
  }

  void add_image() {
    const std::int64_t id = need(item_.id, "whole number 'id'");
    if (!parts_.images.emplace(id, parts_.images.size()).second) fail("{}: image {} is listed twice", name_, id);
    const std::string file = need(item_.file_name, "text 'file_name'");
    if (file.empty() || file.find('\0') != std::string::npos) {
      fail("{}: image {} has the file_name '{}', which no file has", name_, id, printable(file));
    }
    parts_.result.images.push_back({id, file});
    parts_.sizes.push_back({static_cast<float>(item_.height), static_cast<float>(item_.width)});
  }

  void add_category() {
    const std::int64_t id = need(item_.id, "whole number 'id'");
    if (!parts_.classes.emplace(id, parts_.classes.size()).second) fail("{}: category {} is listed twice", name_, id);
    parts_.result.category_ids.push_back(id);
    parts_.result.classes.push_back(need(item_.name, "text 'name'"));
  }

  void add_object() {
    Object object{.id = item_.id.value_or(kNoId),
                  .image = need(item_.image_id, "whole number 'image_id'"),
                  .category = need(item_.category_id, "whole number 'category_id'"),
                  .size = size_of(need(item_.area, "number 'area'"))};
    if (item_.box_numbers == item_.box.size()) {
      const auto [left, top, width, height] = item_.box;
      const bool begins_inside = left > -1 && top > -1;
      object.right = begins_inside ? static_cast<float>(left + width) : kOutside;
      object.bottom = begins_inside ? static_cast<float>(top + height) : kOutside;
    }
    if (*item_.area <= 0) parts_.result.without_area.add(object.id);
    ++parts_.result.objects;
    parts_.result.crowds += item_.crowd;
    parts_.objects.push_back(object);
  }

  static constexpr float kOutside = std::numeric_limits<float>::infinity();

  const std::string& name_;
  Parts& parts_;
  int depth_ = 0;
  List list_ = List::other;
  Field field_ = Field::other;
  Item item_;
};

void parse(JsonStream& json, const std::string& name, Parts& parts) {
  Reader reader(name, parts);
  // Numbers as texts: most are never looked at. Iterative: no stack to run out of, however deep it nests.
  constexpr unsigned kFlags = rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseIterativeFlag;
  const rapidjson::ParseResult parsed = rapidjson::Reader().Parse<kFlags>(json, reader);
  if (parsed.IsError()) {
    std::string why = rapidjson::GetParseError_En(parsed.Code());
    if (why.ends_with('.')) why.pop_back();
    fail("{}: broken JSON at byte {} of {} ({}); fetch the file again", name, with_commas(parsed.Offset()),
         with_commas(json.size()), why);
  }
  if (json.Tell() < json.size()) {
    fail("{}: broken JSON at byte {} of {} (a byte of value 0); fetch the file again", name, with_commas(json.Tell()),
         with_commas(json.size()));
  }
}

void check_lists(const std::string& name, const Parts& parts) {
  for (std::size_t i = 1; i < kLists.size(); ++i) {
    if (parts.seen.at(i)) continue;
    fail("{}: it has no list '{}'; COCO's instances_*.json has images, annotations and categories", name, kLists.at(i));
  }
  std::unordered_set<std::string_view> seen;
  for (const std::string& each : parts.result.classes) {
    if (!seen.insert(each).second) fail("{}: two categories are called '{}'; rename one", name, each);
  }
  seen.clear();
  for (const CocoImage& each : parts.result.images) {
    if (!seen.insert(each.file).second) fail("{}: two images have the file '{}'; remove one", name, each.file);
  }
}

/// Puts each object into its image's labels.
void place_objects(const std::string& name, Parts& parts) {
  CocoInstances& result = parts.result;
  result.labels.resize(result.images.size() * result.classes.size());
  for (const Object& object : parts.objects) {
    const auto category = parts.classes.find(object.category);
    if (category == parts.classes.end()) {
      fail("{}: an object of image {} is of category {}, which is not listed", name, object.image, object.category);
    }
    const auto image = parts.images.find(object.image);
    if (image == parts.images.end()) {
      if (result.of_unknown_images++ == 0) result.first_unknown = object.image;
      continue;
    }
    result.labels[image->second * result.classes.size() + category->second] |= object.size;
    const auto [height, width] = parts.sizes[image->second];
    const auto ends_outside = [](float end, float side) { return std::isinf(end) || (side > 0 && end >= side + 1); };
    if (ends_outside(object.bottom, height) || ends_outside(object.right, width)) result.outside.add(object.id);
  }
}

void count_repeated(Parts& parts) {
  std::vector<std::int64_t> ids;
  for (const Object& object : parts.objects) {
    if (object.id != kNoId) ids.push_back(object.id);
  }
  std::sort(ids.begin(), ids.end());
  for (std::size_t i = 1; i < ids.size(); ++i) {
    if (ids[i] == ids[i - 1]) parts.result.repeated.add(ids[i]);
  }
}

CocoInstances read_stream(JsonStream& json, const std::string& name) {
  Parts parts;
  parse(json, name, parts);
  check_lists(name, parts);
  place_objects(name, parts);
  count_repeated(parts);
  return std::move(parts.result);
}

}  // namespace

CocoInstances read_coco(std::span<const std::byte> json, const std::string& name) {
  const auto read = [&](std::uint64_t at, std::span<std::byte> room) {
    std::copy_n(json.begin() + static_cast<std::ptrdiff_t>(at), room.size(), room.begin());
  };
  JsonStream stream(read, json.size());
  return read_stream(stream, name);
}

CocoInstances read_coco(const std::filesystem::path& path) {
  const RandomFile file(path, RandomFile::Mode::read);
  const auto read = [&](std::uint64_t at, std::span<std::byte> room) { file.read(at, room); };
  JsonStream stream(read, file.size());
  return read_stream(stream, path.string());
}

}  // namespace springbok::data
