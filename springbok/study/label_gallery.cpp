// Counting labels, choosing pictures, showing both.
#include "springbok/study/label_gallery.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "springbok/base/text.h"
#include "springbok/image/resize.h"
#include "springbok/metrics/label_metrics.h"
#include "springbok/study/bars.h"
#include "springbok/study/chart.h"
#include "springbok/study/gallery_images.h"
#include "springbok/study/sections.h"

namespace springbok::study {
namespace {

constexpr int kSide = 192;  // of a picture's longer side

image::Image small(image::Image image) {
  const int longer = std::max(image.height, image.width);
  if (longer <= kSide) return image;
  return image::resize(image, std::max(1, image.height * kSide / longer), std::max(1, image.width * kSide / longer),
                       image::Filter::bilinear);
}

/// What is told of one label of a picture.
struct Chip {
  const char* css;
  const char* mark;
  std::string name;
  double probability;
};

bool has(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

/// Found, invented and missed labels.
std::vector<Chip> chips(const metrics::Labelled& one) {
  std::vector<Chip> list;
  for (const metrics::Guess& guess : one.scores) {
    const bool given = guess.probability > kLabelThreshold, present = has(one.truth, guess.name);
    if (!one.known() && given) list.push_back({"open", "", guess.name, guess.probability});
    if (!one.known() || !(given || present)) continue;
    list.push_back({given && present ? "right" : "wrong",
                    !present ? "+ "
                    : given  ? "✓ "
                             : "− ",
                    guess.name, guess.probability});
  }
  for (const std::string& name : one.truth) {
    const bool listed =
        std::any_of(one.scores.begin(), one.scores.end(), [&](const auto& g) { return g.name == name; });
    if (!listed) list.push_back({"wrong", "− ", name, 0});
  }
  return list;
}

std::string picture(const LabelPicture& picture) {
  const metrics::Labelled& one = picture.prediction;
  std::string tip = escape(one.image), labels;
  if (!std::isnan(one.loss)) tip += format("\nloss {:.4f}", one.loss);
  for (const metrics::Guess& guess : one.scores)
    tip += format("\n{:.1f} % {}", 100 * guess.probability, escape(guess.name));
  for (const Chip& chip : chips(one)) {
    labels += format("<span class=\"{}\"><b>{}{}</b> {:.0f} %</span>", chip.css, chip.mark, escape(chip.name),
                     100 * chip.probability);
  }
  if (labels.empty()) labels = "<span>nothing found</span>";
  return format(
      "<figure class=\"picture labels\" tabindex=\"0\" data-tip=\"{}\"><img src=\"{}\" alt=\"{}\">"
      "<figcaption>{}</figcaption></figure>\n",
      tip, jpeg_uri(picture.image), escape(one.image), labels);
}

std::string pictures(const std::string& title, const std::string& note, const std::vector<LabelPicture>& list) {
  if (list.empty()) return "";
  std::string html = format("<h3>{}</h3>\n<p class=\"note\">{}</p>\n<div class=\"gallery wide\">\n", title, note);
  for (const LabelPicture& each : list) html += picture(each);
  return html + "</div>\n";
}

std::optional<double> ratio(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

std::string class_bars(const LabelGallery& gallery) {
  const std::vector<metrics::LabelShares> shares = metrics::summary_of(gallery.counts).by_class;
  Bars bars{.title = "Classes",
            .note = format("A label counts as given above {}. A class that no image has has no recall and no F1.",
                           kLabelThreshold),
            .head = {"class", "images", "F1", "recall", "precision"},
            .rows = {}};
  for (std::size_t c = 0; c < gallery.counts.size(); ++c) {
    const metrics::LabelCount& count = gallery.counts[c];
    const auto f1 = count.present() == 0 ? std::nullopt : std::optional(shares[c].f1);
    bars.rows.push_back({.name = gallery.classes[c],
                         .detail = with_commas(count.present()),
                         .detail_value = static_cast<double>(count.present()),
                         .shares = {f1, ratio(count.hits, count.present()), ratio(count.hits, count.predicted())}});
  }
  return bars_html(std::move(bars));
}

std::string size_bars(const LabelGallery& gallery) {
  const metrics::LabelCount sum = metrics::summary_of(gallery.counts).sum;
  Bars bars{.title = "Recall by size",
            .note = "Small: under 32² pixels of the annotated object; medium: under 96²; large: the rest.",
            .head = {"objects", "labels", "recall"},
            .rows = {}};
  static constexpr std::array kNames{"small", "medium", "large"};
  for (std::size_t size = 0; size < kSizes; ++size) {
    const std::int64_t hits = sum.hits_by_size[size], labels = hits + sum.misses_by_size[size];
    if (labels == 0) continue;
    bars.rows.push_back({.name = kNames.at(size),
                         .detail = with_commas(labels),
                         .detail_value = static_cast<double>(labels),
                         .shares = {ratio(hits, labels)}});
  }
  return bars_html(std::move(bars));
}

/// The number of each class's name; names that are new are added.
class Places {
 public:
  explicit Places(std::vector<std::string>& names) : names_(names) {
    for (std::size_t i = 0; i < names.size(); ++i) places_.emplace(names[i], i);
  }
  std::size_t of(const std::string& name) {
    const auto [at, is_new] = places_.emplace(name, names_.size());
    if (is_new) names_.push_back(name);
    return at->second;
  }

 private:
  std::vector<std::string>& names_;
  std::map<std::string, std::size_t> places_;
};

/// Counts one image; `counts` grows with the classes.
void count(const metrics::Labelled& one, Places& places, std::vector<metrics::LabelCount>& counts) {
  const auto of = [&](const std::string& name) -> metrics::LabelCount& {
    const std::size_t place = places.of(name);
    if (counts.size() <= place) counts.resize(place + 1);
    return counts[place];
  };
  std::set<std::string> given;
  for (const metrics::Guess& guess : one.scores) {
    if (guess.probability > kLabelThreshold) given.insert(guess.name);
  }
  for (const std::string& name : given) of(name).false_alarms += has(one.truth, name) ? 0 : 1;
  for (std::size_t i = 0; i < one.truth.size(); ++i) {
    metrics::LabelCount& count = of(one.truth[i]);
    const bool hit = given.contains(one.truth[i]);
    (hit ? count.hits : count.misses) += 1;
    for (std::size_t size = 0; i < one.sizes.size() && size < kSizes; ++size) {
      (hit ? count.hits_by_size : count.misses_by_size)[size] += one.sizes[i] >> size & 1;
    }
  }
}

}  // namespace

LabelGallery counted_labels(const std::vector<metrics::Labelled>& predictions, std::vector<std::string> classes) {
  LabelGallery gallery{.images = std::ssize(predictions)};
  Places places(classes);
  for (const metrics::Labelled& one : predictions) {
    if (one.known()) count(one, places, gallery.counts);
  }
  if (!gallery.counts.empty()) gallery.counts.resize(classes.size());
  gallery.classes = std::move(classes);
  return gallery;
}

LabelGallery make_label_gallery(const std::vector<metrics::Labelled>& predictions,
                                const std::vector<std::string>& sources, std::size_t limit,
                                std::vector<std::string> classes, bool upright) {
  LabelGallery gallery = counted_labels(predictions, std::move(classes));
  std::vector<std::size_t> worst, rest;
  for (std::size_t i = 0; i < predictions.size(); ++i) (std::isnan(predictions[i].loss) ? rest : worst).push_back(i);
  std::stable_sort(worst.begin(), worst.end(),
                   [&](std::size_t a, std::size_t b) { return predictions[a].loss > predictions[b].loss; });
  if (worst.size() > limit) {
    rest.insert(rest.end(), worst.begin() + static_cast<std::ptrdiff_t>(limit), worst.end());
    worst.resize(limit);
  }
  std::sort(rest.begin(), rest.end());
  std::vector<std::size_t> examples;
  for (const std::size_t i : spread(rest.size(), limit)) examples.push_back(rest[i]);
  std::set<std::string> wanted;
  for (const auto& indices : {worst, examples}) {
    for (const std::size_t i : indices) wanted.insert(predictions[i].image);
  }
  const auto images = find_images(std::move(wanted), sources, small, upright);
  for (const std::size_t i : worst) gallery.worst.push_back({predictions[i], images.at(predictions[i].image).image});
  for (const std::size_t i : examples) {
    gallery.examples.push_back({predictions[i], images.at(predictions[i].image).image});
  }
  return gallery;
}

std::string gallery_section(const LabelGallery& gallery) {
  if (gallery.images == 0) return "";
  std::string html = format("<section>\n<h2>{}</h2>\n", escape(gallery.title));
  if (!gallery.counts.empty()) {
    html +=
        "<div class=\"pair\">\n<div>" + class_bars(gallery) + "</div>\n<div>" + size_bars(gallery) + "</div>\n</div>\n";
  }
  if (!gallery.note.empty()) html += format("<p class=\"note\">{}</p>\n", escape(gallery.note));
  html += pictures("Worst by loss", "✓ found, − missed, + found and not there; with the probability of each.",
                   gallery.worst);
  html += pictures("Examples", spread_note(gallery.examples.size(), gallery.images), gallery.examples);
  return html + "</section>\n";
}

}  // namespace springbok::study
