// Counting mistakes, and their tables.
#include "springbok/study/errors.h"

#include <algorithm>
#include <map>

#include "springbok/base/text.h"
#include "springbok/study/chart.h"

namespace springbok::study {
namespace {

constexpr std::size_t kMatrixClasses = 40;
constexpr std::size_t kPairs = 12;

struct Pair {
  std::size_t truth = 0, called = 0;
  std::int64_t count = 0;
};

std::int64_t at(const Errors& errors, std::size_t truth, std::size_t called) {
  return errors.confusion.at(static_cast<std::int64_t>(truth), static_cast<std::int64_t>(called));
}

double percent(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

/// The mistakes, most frequent first.
std::vector<Pair> pairs(const Errors& errors) {
  std::vector<Pair> list;
  for (std::size_t truth = 0; truth < errors.classes.size(); ++truth) {
    for (std::size_t called = 0; called < errors.classes.size(); ++called) {
      const std::int64_t count = at(errors, truth, called);
      if (truth != called && count > 0) list.push_back({truth, called, count});
    }
  }
  std::stable_sort(list.begin(), list.end(), [](const Pair& a, const Pair& b) { return a.count > b.count; });
  return list;
}

std::string said(const Errors& errors, const Pair& pair) {
  const std::int64_t whole = errors.counts[pair.truth].samples;
  return format("{} called {}: {} of {} ({:.1f} %)", errors.classes[pair.truth], errors.classes[pair.called],
                with_commas(pair.count), with_commas(whole), percent(pair.count, whole));
}

std::string matrix_row(const Errors& errors, std::size_t truth) {
  std::string html = format("<tr><th>{}</th>", escape(errors.classes[truth]));
  for (std::size_t called = 0; called < errors.classes.size(); ++called) {
    const std::int64_t count = at(errors, truth, called);
    html += format("<td class=\"{}\" style=\"--h:{:.1f}%\" tabindex=\"0\" data-tip=\"{}\">{}</td>",
                   truth == called ? "hit" : "miss", percent(count, errors.counts[truth].samples),
                   escape(said(errors, {truth, called, count})), count == 0 ? "" : with_commas(count));
  }
  return html + "</tr>\n";
}

std::string matrix(const Errors& errors) {
  if (errors.classes.size() > kMatrixClasses) return "";
  std::string html =
      "<h3>Confusion matrix</h3>\n<p class=\"note\">Rows: what it is. Columns: what it was called.</p>\n";
  html += "<div class=\"scroll\"><table class=\"matrix\">\n<thead><tr><th></th>";
  for (const std::string& name : errors.classes) html += format("<th><span>{}</span></th>", escape(name));
  html += "</tr></thead>\n<tbody>\n";
  for (std::size_t truth = 0; truth < errors.classes.size(); ++truth) html += matrix_row(errors, truth);
  return html + "</tbody></table></div>\n";
}

/// A cell that is sorted by its number.
std::string number_cell(double value, const std::string& text) {
  return format("<td class=\"n\" data-v=\"{:.6g}\">{}</td>", value, text);
}

std::string head(std::initializer_list<const char*> names) {
  std::string html = "<thead><tr>";
  bool first = true;
  for (const char* name : names) {
    html += format("<th{}>{}</th>", first ? "" : " class=\"n\"", name);
    first = false;
  }
  return html + "</tr></thead>\n";
}

std::string confused(const Errors& errors) {
  const std::vector<Pair> list = pairs(errors);
  if (list.empty()) return "";
  std::string html = "<div><h3>Confused most</h3>\n<div class=\"scroll\"><table class=\"sortable\">\n";
  html +=
      "<thead><tr><th>It is</th><th>called</th><th class=\"n\">images</th><th class=\"n\">of its "
      "class</th></tr></thead>\n"
      "<tbody>\n";
  for (const Pair& pair :
       std::vector<Pair>(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(std::min(kPairs, list.size())))) {
    const double share = percent(pair.count, errors.counts[pair.truth].samples);
    html +=
        format("<tr><td>{}</td><td>{}</td>", escape(errors.classes[pair.truth]), escape(errors.classes[pair.called]));
    html += number_cell(static_cast<double>(pair.count), with_commas(pair.count));
    html += number_cell(share, format("{:.1f} %", share)) + "</tr>\n";
  }
  return html + "</tbody></table></div></div>\n";
}

std::string class_row(const std::string& name, const metrics::ClassCount& count) {
  const double recall = 100 * count.recall(), precision = 100 * count.precision();
  const double sum = recall + precision, f1 = sum > 0 ? 2 * recall * precision / sum : 0;
  std::string html = format("<tr><td>{}</td>", escape(name));
  html += number_cell(static_cast<double>(count.samples), with_commas(count.samples));
  for (const double share : {recall, precision, f1}) html += number_cell(share, format("{:.1f} %", share));
  return html + "</tr>\n";
}

std::string per_class(const Errors& errors) {
  std::string html = "<div><h3>Classes</h3>\n<div class=\"scroll tall\"><table class=\"sortable\">\n";
  html += head({"class", "images", "right", "precision", "F1"}) + "<tbody>\n";
  for (std::size_t i = 0; i < errors.classes.size(); ++i) html += class_row(errors.classes[i], errors.counts[i]);
  return html + "</tbody></table></div></div>\n";
}

}  // namespace

Errors count_errors(const std::vector<metrics::Ranked>& predictions, std::vector<std::string> classes) {
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < classes.size(); ++i) places.emplace(classes[i], i);
  const auto place = [&](const std::string& name) {
    const auto [at, added] = places.emplace(name, classes.size());
    if (added) classes.push_back(name);
    return static_cast<std::int64_t>(at->second);
  };
  std::vector<std::pair<std::int64_t, std::int64_t>> seen;
  for (const metrics::Ranked& one : predictions) {
    if (!one.truth.empty()) seen.emplace_back(place(one.truth), place(one.guesses.front().name));
  }
  Errors errors{.classes = classes,
                .counts = std::vector<metrics::ClassCount>(classes.size()),
                .confusion = metrics::Confusion(std::max<std::int64_t>(1, std::ssize(classes)))};
  for (const auto& [truth, called] : seen) {
    errors.confusion.add(truth, called);
    ++errors.counts[static_cast<std::size_t>(truth)].samples;
    ++errors.counts[static_cast<std::size_t>(called)].predicted;
    if (truth == called) ++errors.counts[static_cast<std::size_t>(truth)].top1;
  }
  return errors;
}

std::string errors_html(const Errors& errors) {
  const bool any = std::any_of(errors.counts.begin(), errors.counts.end(), [](const auto& c) { return c.samples > 0; });
  if (!any) return "";
  return matrix(errors) + "<div class=\"pair\">\n" + per_class(errors) + confused(errors) + "</div>\n";
}

}  // namespace springbok::study
