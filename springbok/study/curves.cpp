// The curves of the report.
#include <algorithm>

#include "springbok/base/text.h"
#include "springbok/study/chart.h"
#include "springbok/study/sections.h"

namespace springbok::study {
namespace {

constexpr std::size_t kCurvePoints = 240;

using Points = std::vector<std::pair<double, double>>;

/// One metric of every epoch.
Points of_epochs(const RunSummary& run, metrics::Metrics run::EpochLine::*part, const std::string& key) {
  Points points;
  for (const run::EpochLine& epoch : run.log.epochs) {
    points.emplace_back(static_cast<double>(epoch.epoch), metrics::value_of(epoch.*part, key));
  }
  return points;
}

/// The goals of the runs, each once.
std::vector<metrics::Goal> goals(const std::vector<RunSummary>& runs) {
  std::vector<metrics::Goal> list;
  for (const RunSummary& run : runs) {
    if (std::find(list.begin(), list.end(), run.goal) == list.end()) list.push_back(run.goal);
  }
  return list;
}

/// One value of every step, over epochs, so that runs of other batch sizes share the axis.
Points of_steps(const RunSummary& run, double run::StepLine::*value) {
  Points points;
  const auto per_epoch = static_cast<double>(run.log.steps_per_epoch());
  for (const run::StepLine& step : run.log.steps)
    points.emplace_back(static_cast<double>(step.step) / per_epoch, step.*value);
  return thinned(points, kCurvePoints);
}

std::string figure(const Chart& chart, const std::string& caption) {
  const std::string svg = to_svg(chart);
  if (svg.empty()) return "";
  return format("<figure class=\"chart\">\n<h3>{}</h3>\n{}<figcaption>{}</figcaption>\n</figure>\n",
                escape(chart.title), svg, escape(caption));
}

/// One chart; `add` appends a run's series.
template <class Add>
std::string figure(Chart chart, const std::vector<RunSummary>& runs, const std::string& caption, Add add) {
  for (std::size_t i = 0; i < runs.size(); ++i) add(chart.series, runs[i], i);
  return figure(chart, caption);
}

/// `Top-1 accuracy`.
std::string figure_title(const metrics::Goal& goal) {
  if (goal.key == "top1") return "Top-1 accuracy";
  if (goal.key == "mAP") return "Mean average precision";
  return goal.key == "mIoU" ? "Mean IoU" : goal.title;
}

std::string legend(const std::vector<RunSummary>& runs) {
  std::string html = "<p class=\"legend\">";
  for (std::size_t i = 0; i < runs.size(); ++i) html += format("<span>{}{}</span> ", swatch(i), escape(runs[i].name));
  return html + "</p>\n";
}

}  // namespace

std::string curves_section(const std::vector<RunSummary>& runs) {
  using AllSeries = std::vector<Series>;
  std::string charts;
  for (const metrics::Goal& goal : goals(runs)) {
    charts +=
        figure({.title = figure_title(goal), .x_label = "epoch", .y_label = goal.title + " (%)", .series = {}}, runs,
               "Dots: validation, after each epoch. Thin: training images, over the epoch.",
               [&](AllSeries& all, const RunSummary& run, std::size_t i) {
                 if (run.goal != goal) return;
                 all.push_back({run.name, i, of_epochs(run, &run::EpochLine::train, goal.key), true, "training"});
                 all.push_back({run.name, i, of_epochs(run, &run::EpochLine::val, goal.key), false, "validation"});
               });
  }
  const bool classify = std::all_of(runs.begin(), runs.end(), [](const RunSummary& run) {
    return std::holds_alternative<metrics::Classify>(run.task);
  });
  const std::string plain = classify ? "cross-entropy" : "loss";
  charts += figure({.title = "Loss", .x_label = "epoch", .y_label = plain, .series = {}}, runs,
                   format("Dots: validation, plain {}. Thin: training steps, with the recipe's {}.",
                          classify ? plain : "(binary) cross-entropy", classify ? "label smoothing" : "loss"),
                   [](AllSeries& all, const RunSummary& run, std::size_t i) {
                     all.push_back({run.name, i, of_steps(run, &run::StepLine::loss), true, "training"});
                     all.push_back({run.name, i, of_epochs(run, &run::EpochLine::val, "loss"), false, "validation"});
                   });
  charts += figure({.title = "Learning rate", .x_label = "epoch", .y_label = "learning rate", .series = {}}, runs,
                   "At every step.", [](AllSeries& all, const RunSummary& run, std::size_t i) {
                     all.push_back({run.name, i, of_steps(run, &run::StepLine::lr), true});
                   });
  charts += figure({.title = "Speed", .x_label = "epoch", .y_label = "images/s", .series = {}}, runs,
                   "Images a second of every step, waiting for images included.",
                   [](AllSeries& all, const RunSummary& run, std::size_t i) {
                     all.push_back({run.name, i, of_steps(run, &run::StepLine::images_per_second), true});
                   });
  if (charts.empty()) return "";
  return "<section>\n<h2>Curves</h2>\n" + legend(runs) + "<div class=\"charts\">\n" + charts + "</div>\n</section>\n";
}

}  // namespace springbok::study
