// The gallery as HTML.
#include "springbok/base/text.h"
#include "springbok/study/chart.h"
#include "springbok/study/gallery_images.h"
#include "springbok/study/sections.h"

namespace springbok::study {
namespace {

/// The mark and the colour of a prediction: right, wrong, or not known.
struct Verdict {
  const char* css;
  const char* mark;
};

Verdict verdict(const metrics::Ranked& prediction) {
  if (prediction.truth.empty()) return {"open", ""};
  return prediction.right() ? Verdict{"right", "✓ "} : Verdict{"wrong", "✗ "};
}

/// All guesses, for the tooltip, a line each.
std::string guesses(const metrics::Ranked& prediction) {
  std::string html = escape(prediction.image);
  for (const metrics::Guess& guess : prediction.guesses) {
    html += format("\n{:.1f} % {}", 100 * guess.probability, escape(guess.name));
  }
  return html;
}

std::string picture(const Picture& picture) {
  const metrics::Ranked& prediction = picture.prediction;
  const metrics::Guess& best = prediction.guesses.front();
  const Verdict mark = verdict(prediction);
  const std::string truth = prediction.truth.empty() ? "" : format("<span>is {}</span>", escape(prediction.truth));
  return format(
      "<figure class=\"picture {}\" tabindex=\"0\" data-tip=\"{}\"><img src=\"{}\" alt=\"{}\"{}>"
      "<figcaption><b>{}{}</b><span>{:.1f} %</span>{}"
      "<i class=\"bar\" style=\"width:{:.1f}%\"></i></figcaption></figure>\n",
      mark.css, guesses(prediction), data_uri(picture.image), escape(prediction.image),
      picture.image.height < kThumbnail / 2 ? " class=\"pixels\"" : "", mark.mark, escape(best.name),
      100 * best.probability, truth, 100 * best.probability);
}

std::string pictures(const std::vector<Picture>& list) {
  std::string html = "<div class=\"gallery\">\n";
  for (const Picture& each : list) html += picture(each);
  return html + "</div>\n";
}

}  // namespace

std::string gallery_section(const Gallery& gallery) {
  if (gallery.images == 0) return "";
  std::string html = format("<section>\n<h2>{}</h2>\n", escape(gallery.title));
  html += errors_html(gallery.errors);
  if (!gallery.note.empty()) html += format("<p class=\"note\">{}</p>\n", escape(gallery.note));
  if (!gallery.mistakes.empty()) {
    html +=
        format("<h3>Worst mistakes</h3>\n<p class=\"note\">Of {} wrong ones, those with the highest probability.</p>\n",
               with_commas(gallery.wrong));
    html += pictures(gallery.mistakes);
  }
  if (!gallery.examples.empty()) {
    html +=
        format("<h3>Examples</h3>\n<p class=\"note\">{}</p>\n", spread_note(gallery.examples.size(), gallery.images));
    html += pictures(gallery.examples);
  }
  return html + "</section>\n";
}

}  // namespace springbok::study
