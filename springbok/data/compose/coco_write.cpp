// instances_*.json, one image or object a line.
#include "springbok/data/compose/coco_write.h"

#include <nlohmann/json.hpp>

#include "springbok/base/file.h"
#include "springbok/base/json.h"
#include "springbok/base/text.h"

namespace springbok::data {
namespace {

using Json = nlohmann::ordered_json;

std::string image_line(const WrittenImage& image) {
  const Json json{{"license", 0},
                  {"file_name", image.file},
                  {"height", image.size.height},
                  {"width", image.size.width},
                  {"id", image.id}};
  return json_text(json);
}

std::string object_line(const SceneObject& object, const WrittenImage& image, std::int64_t id) {
  const image::Region& box = object.outline.box;
  const Json json{
      {"segmentation", {{"size", {image.size.height, image.size.width}}, {"counts", object.outline.counts}}},
      {"area", object.outline.area},
      {"iscrowd", object.crowd ? 1 : 0},
      {"image_id", image.id},
      {"bbox", {box.left, box.top, box.width, box.height}},
      {"category_id", object.label + 1},
      {"id", id},
      {"cutouts", object.cutouts}};
  return json_text(json);
}

/// A list that is written one element a line.
class List {
 public:
  List(AtomicFile& file, const char* key) : file_(file) { file.write(format(",\n\"{}\": [", key)); }
  void add(const std::string& element) {
    file_.write(first_ ? "\n" : ",\n");
    file_.write(element);
    first_ = false;
  }
  void end() { file_.write("]"); }

 private:
  AtomicFile& file_;
  bool first_ = true;
};

}  // namespace

void write_coco(const std::filesystem::path& path, const std::string& description,
                const std::vector<std::string>& classes, const std::vector<WrittenImage>& images,
                std::int64_t first_object) {
  AtomicFile file(path);
  file.write("{\"info\": " + json_text(Json{{"description", description}, {"version", "1"}, {"year", 2014}}));
  List licenses(file, "licenses");
  licenses.add(json_text(Json{{"id", 0}, {"name", "those of the cut-outs and photographs"}, {"url", ""}}));
  licenses.end();
  List image_list(file, "images");
  for (const WrittenImage& image : images) image_list.add(image_line(image));
  image_list.end();
  List objects(file, "annotations");
  std::int64_t id = first_object;
  for (const WrittenImage& image : images) {
    for (const SceneObject& object : image.objects) objects.add(object_line(object, image, id++));
  }
  objects.end();
  List categories(file, "categories");
  for (std::size_t i = 0; i < classes.size(); ++i) {
    categories.add(json_text(Json{{"supercategory", "cut-out"}, {"id", i + 1}, {"name", classes[i]}}));
  }
  categories.end();
  file.write("}\n");
  file.commit(false);
}

}  // namespace springbok::data
