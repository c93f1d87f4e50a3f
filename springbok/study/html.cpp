// Assembling the report.
#include "springbok/study/html.h"

#include <openssl/evp.h>

#include <array>
#include <set>
#include <span>

#include "springbok/base/text.h"
#include "springbok/study/chart.h"
#include "springbok/study/sections.h"

namespace springbok::study {
namespace {

/// The texts, escaped, each once, a line each.
template <class Text>
std::string lines(const std::vector<RunSummary>& runs, Text text) {
  std::string html;
  std::set<std::string> seen;
  for (const RunSummary& run : runs) {
    if (seen.insert(text(run)).second) html += (html.empty() ? "" : "<br>") + escape(text(run));
  }
  return html;
}

std::string title_of(const std::vector<RunSummary>& runs) {
  std::vector<std::string> names;
  for (const RunSummary& run : runs) names.push_back(run.name);
  if (names.size() > 4) return format("{} runs", names.size());
  return join(names, " · ");
}

/// `Best top-1: 91.30 %, elastic (resnet20_elastic, epoch 3 of 4)`, of the runs with the first one's goal.
std::string headline(const std::vector<RunSummary>& runs) {
  const RunSummary* winner = nullptr;
  for (const RunSummary& run : runs) {
    if (run.best() == nullptr) continue;
    if (winner == nullptr) winner = &run;
    if (run.goal == winner->goal && metrics::better(run.goal, run.best()->val, winner->best()->val)) winner = &run;
  }
  if (winner == nullptr) return "<p class=\"headline\">No epoch has ended yet.</p>\n";
  return format("<p class=\"headline\">Best {}: <b>{:.2f} %</b>, {} <span>({}, epoch {} of {})</span></p>\n",
                escape(winner->goal.title), metrics::value_of(winner->best()->val, winner->goal.key),
                escape(winner->name), escape(winner->model), winner->best()->epoch, winner->epochs_asked);
}

/// Nothing but what stands in the page: its style, its pictures, and the one script of this hash.
std::string policy() {
  const std::string text = script();
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), hash.data(), &size, EVP_sha256(), nullptr);
  return format(
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src "
      "data:; script-src 'sha256-{}'\">\n",
      base64(std::as_bytes(std::span(hash).first(size))));
}

}  // namespace

std::string html_report(const std::vector<RunSummary>& runs, const std::vector<AnyGallery>& galleries,
                        std::int64_t refresh) {
  const std::string title = escape(title_of(runs));
  std::string html =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  html += policy();
  if (refresh > 0) html += format("<meta http-equiv=\"refresh\" content=\"{}\">\n", refresh);
  html += format("<title>{} – Springbok report</title>\n<style>\n{}</style>\n</head>\n<body>\n<main>\n", title,
                 style_sheet());
  html += format("<header>\n<p class=\"kind\">Springbok report</p>\n<h1>{}</h1>\n", title);
  html += headline(runs);
  html += format("<p class=\"about\">{}</p>\n</header>\n", lines(runs, [](const RunSummary& run) { return run.data; }));
  html += table_section(runs) + curves_section(runs);
  for (const AnyGallery& gallery : galleries) {
    html += std::visit([](const auto& each) { return gallery_section(each); }, gallery);
  }
  html += time_section(runs) + events_section(runs) + recipe_section(runs);
  html +=
      format("<footer>{}<br>{}</footer>\n</main>\n", lines(runs, [](const RunSummary& run) { return run.versions; }),
             lines(runs, [](const RunSummary& run) { return run.machine; }));
  return html + "<script>" + script() + "</script>\n</body>\n</html>\n";
}

}  // namespace springbok::study
