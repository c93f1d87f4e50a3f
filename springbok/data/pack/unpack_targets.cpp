// Masks and labels in the forms that other sources read.
#include "springbok/data/pack/unpack_targets.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/label_sizes.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

/// The names of another source's samples, all of one class.
class OfOneClass : public Source {
 public:
  explicit OfOneClass(const Source& source) : source_(source) {}
  std::int64_t size() const override { return source_.size(); }
  const std::vector<std::string>& classes() const override { return classes_; }
  int channels() const override { return source_.channels(); }
  image::Image image(std::int64_t index, int channels) const override { return source_.image(index, channels); }
  std::int64_t target(std::int64_t /*index*/) const override { return 0; }
  std::string name(std::int64_t index) const override { return source_.name(index); }
  std::string description() const override { return source_.description(); }
  std::string digest() const override { return source_.digest(); }

 private:
  const Source& source_;
  std::vector<std::string> classes_{"images"};
};

/// `images/a.jpg` -> `masks/a.png`.
std::string mask_place(const std::string& image) {
  const fs::path below = fs::path(image).lexically_relative("images");
  return ("masks" / below).replace_extension(".png").string();
}

/// A field of a CSV, in quotes where it needs them.
std::string field(const std::string& text) {
  if (text.find_first_of(",;|\t\"# ") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

/// What none of the classes' names has.
char separator_for(const std::vector<std::string>& classes) {
  for (const char each : {';', '|'}) {
    const auto has = [&](const std::string& name) { return name.find(each) != std::string::npos; };
    if (std::none_of(classes.begin(), classes.end(), has)) return each;
  }
  fail("classes have names with ; and with |, so that a list of them cannot be written; rename one");
}

std::string table_of(const Source& source, const UnpackPlan& plan) {
  const char separator = separator_for(source.classes());
  std::string text = "image,labels\n";
  for (std::int64_t i = 0; i < source.size(); ++i) {
    std::string list;
    const std::vector<std::uint8_t> labels = source.labels(i);
    for (std::size_t c = 0; c < labels.size(); ++c) {
      if (labels[c] != 0) list += (list.empty() ? "" : std::string(1, separator)) + source.classes()[c];
    }
    text += field(plan.places[static_cast<std::size_t>(i)]) + "," + field(list) + "\n";
  }
  return text;
}

}  // namespace

UnpackPlan plan_targets(const Source& source, const Split& split,
                        const std::function<std::string(std::int64_t)>& ending) {
  UnpackPlan plan = plan_unpack(OfOneClass(source), split, ending);
  if (source.target_kind() != TargetKind::masks) return plan;
  const std::size_t images = plan.places.size();
  std::unordered_map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < images; ++i) {
    plan.places.push_back(mask_place(plan.places[i]));
    const auto [other, is_new] = seen.emplace(plan.places.back(), i);
    if (is_new) continue;
    fail("{} and {} differ by their endings only, and so would have one mask", plan.places[other->second],
         plan.places[i]);
  }
  return plan;
}

std::vector<SideText> side_texts(const Source& source, const UnpackPlan& plan, const fs::path& folder,
                                 const Split& split) {
  std::string classes;
  for (const std::string& name : source.classes()) classes += name + "\n";
  std::vector<SideText> texts{{folder / "classes.txt", std::move(classes)}};
  if (source.target_kind() == TargetKind::labels) {
    texts.push_back({folder / (split.name() + ".csv"), table_of(source, plan)});
  }
  return texts;
}

bool has_sizes(const Source& source) {
  if (source.target_kind() != TargetKind::labels) return false;
  for (std::int64_t i = 0; i < source.size(); ++i) {
    for (const std::uint8_t sizes : source.labels(i)) {
      if ((sizes & (kSmall | kMedium | kLarge)) != 0) return true;
    }
  }
  return false;
}

}  // namespace springbok::data
