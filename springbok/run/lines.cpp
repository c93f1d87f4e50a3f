// The lines of a run's log and of the terminal.
#include "springbok/run/lines.h"

#include "springbok/base/text.h"

namespace springbok::run {

using Json = nlohmann::ordered_json;

Times& Times::operator+=(const Times& other) {
  data += other.data;
  compute += other.compute;
  images += other.images;
  return *this;
}

Json step_line(const StepEnd& end) {
  Json line = {
      {"step", end.position.step}, {"epoch", end.position.epoch + 1}, {"loss", end.sums.mean_loss()}, {"lr", end.lr},
      {"data_s", end.times.data},  {"compute_s", end.times.compute},  {"images_s", end.times.rate()}};
  if (end.gradient_norm) line["gradient_norm"] = *end.gradient_norm;
  return line;
}

Json epoch_line(const EpochEnd& end) {
  return {{"epoch", end.epoch},
          {"step", end.step},
          {"train_loss", end.train.mean_loss()},
          {"train_top1", end.train.top1_percent()},
          {"train_top5", end.train.top5_percent()},
          {"val_loss", end.val.mean_loss()},
          {"val_top1", end.val.top1_percent()},
          {"val_top5", end.val.top5_percent()},
          {"best", end.best},
          {"data_s", end.times.data},
          {"compute_s", end.times.compute},
          {"images_s", end.times.rate()},
          {"eval_s", end.eval_seconds}};
}

std::string epoch_text(const EpochEnd& end, const std::string& title) {
  return format(
      "{}: train loss {:.4f} top1 {:.2f}; val loss {:.4f} top1 {:.2f} top5 {:.2f}{}; {:.0f} img/s, data {:.0f}%", title,
      end.train.mean_loss(), end.train.top1_percent(), end.val.mean_loss(), end.val.top1_percent(),
      end.val.top5_percent(), end.best ? " (best)" : "", end.times.rate(), end.times.data_percent());
}

}  // namespace springbok::run
