// Reading COCO's annotations.
#include "springbok/data/labels/coco.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_map>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/label_sizes.h"
#include "springbok/base/quote.h"

namespace springbok::data {
namespace {

std::uint8_t size_of(double area) {
  constexpr double kSmallBelow = 32.0 * 32, kMediumBelow = 96.0 * 96;
  return area < kSmallBelow ? kSmall : area < kMediumBelow ? kMedium : kLarge;
}

/// Of an image, a category or an annotation: the fields that are looked at.
struct Item {
  std::optional<std::int64_t> id, image_id, category_id;
  std::optional<double> area;
  std::optional<std::string> name, file_name;
  bool crowd = false;
};

struct Object {
  std::int64_t image = 0, category = 0;
  std::uint8_t size = 0;
};

/// Hears the JSON's parts in order. What stands deeper than the fields of an item is passed over.
class Reader : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Reader(std::string name) : name_(std::move(name)) {}

  bool null() override { return true; }
  bool boolean(bool value) override { return number(value ? 1 : 0); }
  bool number_integer(std::int64_t value) override { return whole(value); }
  bool number_unsigned(std::uint64_t value) override { return whole(static_cast<std::int64_t>(value)); }
  bool number_float(double value, const std::string& /*text*/) override { return number(value); }
  bool binary(binary_t& /*value*/) override { return true; }
  bool string(std::string& value) override {
    if (depth_ != kItem) return true;
    if (field_ == "name") item_.name = value;
    if (field_ == "file_name") item_.file_name = value;
    return true;
  }
  bool key(std::string& value) override {
    if (depth_ == kRoot) section_ = value;
    if (depth_ == kItem) field_ = value;
    return true;
  }
  bool start_object(std::size_t /*size*/) override {
    if (++depth_ == kItem) item_ = {};
    return true;
  }
  bool end_object() override {
    if (depth_-- == kItem) finish();
    return true;
  }
  bool start_array(std::size_t /*size*/) override {
    if (++depth_ == kList) found(section_);
    return true;
  }
  bool end_array() override {
    --depth_;
    return true;
  }
  bool parse_error(std::size_t at, const std::string& token, const nlohmann::json::exception& /*why*/) override {
    fail("{}: broken JSON at byte {}, at '{}'; fetch the file again", name_, at, shortened(token));
  }

  CocoInstances result() {
    for (const auto& [list, seen] : {std::pair("images", images_seen_), std::pair("annotations", annotations_seen_),
                                     std::pair("categories", categories_seen_)}) {
      if (!seen)
        fail("{}: it has no list '{}'; COCO's instances_*.json has images, annotations and categories", name_, list);
    }
    result_.labels.resize(result_.images.size() * result_.classes.size());
    for (const Object& object : objects_) place(object);
    return std::move(result_);
  }

 private:
  static constexpr int kRoot = 1, kList = 2, kItem = 3;

  void found(const std::string& list) {
    images_seen_ |= list == "images";
    annotations_seen_ |= list == "annotations";
    categories_seen_ |= list == "categories";
  }

  bool whole(std::int64_t value) {
    if (depth_ != kItem) return true;
    if (field_ == "id") item_.id = value;
    if (field_ == "image_id") item_.image_id = value;
    if (field_ == "category_id") item_.category_id = value;
    return number(static_cast<double>(value));
  }

  bool number(double value) {
    if (depth_ != kItem) return true;
    if (field_ == "area") item_.area = value;
    if (field_ == "iscrowd") item_.crowd = value != 0;
    return true;
  }

  template <class T>
  T need(const std::optional<T>& value, const char* what) const {
    if (!value) {
      fail("{}: an entry of '{}' (id {}) has no {}; it is damaged", name_, section_,
           item_.id ? std::to_string(*item_.id) : "missing", what);
    }
    return *value;
  }

  void finish() {
    if (section_ == "images") {
      const std::int64_t id = need(item_.id, "whole number 'id'");
      if (!images_.emplace(id, result_.images.size()).second) fail("{}: image {} is listed twice", name_, id);
      result_.images.push_back({id, need(item_.file_name, "text 'file_name'")});
    } else if (section_ == "categories") {
      const std::int64_t id = need(item_.id, "whole number 'id'");
      if (!classes_.emplace(id, result_.classes.size()).second) fail("{}: category {} is listed twice", name_, id);
      result_.category_ids.push_back(id);
      result_.classes.push_back(need(item_.name, "text 'name'"));
    } else if (section_ == "annotations") {
      objects_.push_back({need(item_.image_id, "whole number 'image_id'"),
                          need(item_.category_id, "whole number 'category_id'"), size_of(need(item_.area, "'area'"))});
      ++result_.objects;
      result_.crowds += item_.crowd;
    }
  }

  void place(const Object& object) {
    const auto category = classes_.find(object.category);
    if (category == classes_.end()) {
      fail("{}: an object of image {} is of category {}, which is not listed", name_, object.image, object.category);
    }
    const auto image = images_.find(object.image);
    if (image == images_.end()) {
      ++result_.of_unknown_images;
      return;
    }
    result_.labels[image->second * result_.classes.size() + category->second] |= object.size;
  }

  std::string name_;
  int depth_ = 0;
  std::string section_, field_;
  Item item_;
  std::vector<Object> objects_;
  std::unordered_map<std::int64_t, std::size_t> images_, classes_;
  bool images_seen_ = false, annotations_seen_ = false, categories_seen_ = false;
  CocoInstances result_;
};

}  // namespace

CocoInstances read_coco(std::span<const std::byte> json, const std::string& name) {
  Reader reader(name);
  const auto* text = reinterpret_cast<const char*>(json.data());
  nlohmann::json::sax_parse(text, text + json.size(), &reader);
  return reader.result();
}

CocoInstances read_coco(const std::filesystem::path& path) {
  const MappedFile file(path);
  return read_coco(file.bytes(), path.string());
}

}  // namespace springbok::data
