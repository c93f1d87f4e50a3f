// The gallery of masks as HTML.
#include <cmath>
#include <set>

#include "springbok/base/text.h"
#include "springbok/image/paint.h"
#include "springbok/study/bars.h"
#include "springbok/study/chart.h"
#include "springbok/study/gallery.h"
#include "springbok/study/gallery_images.h"
#include "springbok/study/mask_gallery.h"
#include "springbok/study/sections.h"

namespace springbok::study {
namespace {

std::string panel(const std::string& uri, const char* what, const std::string& of) {
  return format("<span><img src=\"{}\" alt=\"{}: {}\"><em>{}</em></span>", uri, what, escape(of), what);
}

std::string mask_uri(const image::Image& mask) {
  return "data:image/png;base64," + base64(image::encode_indices(mask, image::voc_palette()));
}

std::string picture(const MaskPicture& picture) {
  const metrics::Painted& one = picture.prediction;
  const double iou = one.mean_iou();
  std::string html =
      format("<figure class=\"masks\"><div class=\"panels\">{}", panel(jpeg_uri(picture.image), "image", one.image));
  const bool known = !picture.truth.pixels.empty();
  if (known) html += panel(mask_uri(picture.truth), "truth", one.image);
  html += panel(mask_uri(picture.predicted), "prediction", one.image);
  if (known) {
    html += panel(jpeg_uri(image::error_map(picture.image, picture.truth, picture.predicted)), "errors", one.image);
  } else {
    html +=
        panel(jpeg_uri(image::overlay(picture.image, picture.predicted, image::voc_palette())), "overlay", one.image);
  }
  html += format("</div><figcaption>{}{}</figcaption></figure>\n", escape(one.image),
                 std::isnan(iou) ? "" : format(" <b>mean IoU {:.1f} %</b>", 100 * iou));
  return html;
}

std::string pictures(const char* title, const std::string& note, const std::vector<MaskPicture>& list) {
  if (list.empty()) return "";
  std::string html = format("<h3>{}</h3>\n<p class=\"note\">{}</p>\n<div class=\"rows\">\n", title, note);
  for (const MaskPicture& each : list) html += picture(each);
  return html + "</div>\n";
}

std::string colour_of(std::size_t c) {
  return image::hex_colour(image::voc_palette(), static_cast<std::uint8_t>(c));
}

/// The colours of the classes that the pictures show.
std::string colours(const MaskGallery& gallery) {
  std::set<std::uint8_t> shown;
  for (const auto* list : {&gallery.worst, &gallery.examples}) {
    for (const MaskPicture& each : *list) {
      shown.insert(each.truth.pixels.begin(), each.truth.pixels.end());
      shown.insert(each.predicted.pixels.begin(), each.predicted.pixels.end());
    }
  }
  std::string html;
  for (const std::uint8_t index : shown) {
    const bool none = index >= gallery.classes.size();
    html += format("<span><i class=\"block first\" style=\"--c:{}\"></i>{}</span> ", colour_of(index),
                   none ? "counts for nothing" : escape(gallery.classes[index]));
  }
  return html.empty() ? "" : format("<p class=\"legend\">{}</p>\n", html);
}

std::optional<double> ratio(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

std::string class_bars(const MaskGallery& gallery) {
  const metrics::ClassPixels pixels = metrics::class_pixels(gallery.tally);
  const metrics::PixelSummary summary = metrics::summary_of(pixels);
  Bars bars{
      .title = "Classes",
      .note = format("Over all pixels of {} images: mean IoU {:.2f} %. A class in neither truth nor prediction has "
                     "no IoU.",
                     with_commas(gallery.images), 100 * summary.mean_iou),
      .head = {"class", "pixels", "IoU", "recall", "precision"},
      .rows = {}};
  for (std::size_t c = 0; c < pixels.both.size(); ++c) {
    bars.rows.push_back({.name = gallery.classes[c],
                         .detail = with_commas(pixels.truth[c]),
                         .detail_value = static_cast<double>(pixels.truth[c]),
                         .shares = {ratio(pixels.both[c], summary.united[c]), ratio(pixels.both[c], pixels.truth[c]),
                                    ratio(pixels.both[c], pixels.predicted[c])},
                         .colour = colour_of(c)});
  }
  return bars_html(std::move(bars));
}

std::string matrix(const MaskGallery& gallery) {
  const auto classes = static_cast<std::size_t>(gallery.tally.classes);
  const metrics::ClassPixels pixels = metrics::class_pixels(gallery.tally);
  const std::vector<std::string> names(gallery.classes.begin(),
                                       gallery.classes.begin() + static_cast<std::ptrdiff_t>(classes));
  std::vector<std::vector<double>> shares(classes);
  std::vector<std::vector<std::string>> said(classes);
  for (std::size_t t = 0; t < classes; ++t) {
    for (std::size_t p = 0; p < classes; ++p) {
      const std::int64_t count = gallery.tally.at(static_cast<std::int64_t>(t), static_cast<std::int64_t>(p));
      shares[t].push_back(ratio(count, pixels.truth[t]).value_or(0));
      said[t].push_back(format("{} called {}: {} of {} pixels ({:.1f} %)", names[t], names[p], with_commas(count),
                               with_commas(pixels.truth[t]), 100 * shares[t].back()));
    }
  }
  return share_matrix("Rows: what pixels are. Columns: what they were called. In percent of the row.", names, names,
                      shares, said);
}

}  // namespace

std::string gallery_section(const MaskGallery& gallery) {
  if (gallery.images == 0) return "";
  std::string html = format("<section>\n<h2>{}</h2>\n", escape(gallery.title));
  if (gallery.tally.classes > 0) html += class_bars(gallery) + matrix(gallery);
  if (!gallery.note.empty()) html += format("<p class=\"note\">{}</p>\n", escape(gallery.note));
  html += colours(gallery);
  html += pictures("Worst by IoU", "Errors: red where truth and prediction differ, pale where nothing counts.",
                   gallery.worst);
  html += pictures("Examples", spread_note(gallery.examples.size(), gallery.images), gallery.examples);
  return html + "</section>\n";
}

}  // namespace springbok::study
