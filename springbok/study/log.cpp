// Reading log.jsonl.
#include "springbok/study/log.h"

#include <sstream>

#include "springbok/base/file.h"
#include "springbok/base/json.h"
#include "springbok/study/fields.h"

namespace springbok::study {
namespace {

StepPoint step_point(const Json& line, const std::string& where) {
  return {.step = read_count(line, "step", where, 1),
          .epoch = read_count(line, "epoch", where, 1),
          .loss = read_number(line, "loss", where),
          .lr = read_number(line, "lr", where),
          .data_seconds = read_number(line, "data_s", where),
          .compute_seconds = read_number(line, "compute_s", where),
          .images_per_second = read_number(line, "images_s", where)};
}

EpochPoint epoch_point(const Json& line, const std::string& where) {
  return {.epoch = read_count(line, "epoch", where, 1),
          .step = read_count(line, "step", where, 1),
          .train_loss = read_number(line, "train_loss", where),
          .train_top1 = read_number(line, "train_top1", where),
          .val_loss = read_number(line, "val_loss", where),
          .val_top1 = read_number(line, "val_top1", where),
          .val_top5 = read_number(line, "val_top5", where),
          .eval_seconds = read_number(line, "eval_s", where)};
}

/// Adds a point that must come after the last one.
template <class Point>
void append(std::vector<Point>& points, const Point& point, std::int64_t Point::*position, const std::string& where) {
  const std::int64_t last = points.empty() ? 0 : points.back().*position;
  if (point.*position <= last) {
    fail("{}: number {} comes after number {}; two runs wrote to this log, or it was edited", where, point.*position,
         last);
  }
  points.push_back(point);
}

}  // namespace

std::int64_t Log::steps_per_epoch() const {
  if (!epochs.empty()) return epochs.back().step / epochs.back().epoch;
  return steps.empty() ? 0 : steps.back().step;
}

Log read_log(const std::filesystem::path& path) {
  Log log;
  std::istringstream lines(read_text(path));
  std::int64_t number = 0;
  for (std::string text; std::getline(lines, text);) {
    const std::string where = format("{}:{}", path.string(), ++number);
    const Json line = parse_json(text);
    if (!line.is_object()) {
      fail(
          "{}: not a whole JSON object (a line cut by a crash?); go on with '--resume auto', which repairs the log, or "
          "remove the line",
          where);
    }
    if (line.contains("val_top1")) {
      append(log.epochs, epoch_point(line, where), &EpochPoint::epoch, where);
    } else {
      append(log.steps, step_point(line, where), &StepPoint::step, where);
    }
  }
  return log;
}

}  // namespace springbok::study
