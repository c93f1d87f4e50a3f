// Writing synthetic run folders.
#include "tests/study/made_run.h"

#include <nlohmann/json.hpp>

#include "springbok/base/file.h"
#include "springbok/base/text.h"

namespace springbok::study::testing {
namespace {

std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump();
}

}  // namespace

void write_run(const std::filesystem::path& folder, const MadeRun& made) {
  make_folder(folder);
  write_file(folder / "run.json",
             format(R"({{"springbok": "0.1.0", "libtorch": "2.13.0",
 "machine": {{"cpu": "Some CPU @ 2 GHz", "usable_cores": 2}},
 "data": {{"description": "idx: 60,000 images of 28 x 28 in 10 classes", "digest": "abc",
  "classes": ["T-shirt/top", "b", "c", "d", "e", "f", "g", "h", "i", "j"]}},
 "recipe": {{"data": {}, "out": {}, "resume": "", "model": "{}", "stem": "standard", "dropout": 0.0,
  "zero_gamma": false, "size": 28, "channels": 1, "epochs": {}, "lr": {}}},
 "finished": {}}}
)",
                    quoted(made.data), quoted(folder.string()), made.model, made.epochs, made.lr, made.finished));
  std::string log;
  int step = 0;
  for (int epoch = 1; epoch <= made.epochs; ++epoch) {
    for (int i = 0; i < made.steps_per_epoch; ++i) {
      ++step;
      log += format(
          "{{\"step\":{},\"epoch\":{},\"loss\":{},\"lr\":{},\"data_s\":0.25,\"compute_s\":0.75,\"images_s\":100.0}}\n",
          step, epoch, 2.0 / step, made.lr);
    }
    log += format(
        "{{\"epoch\":{},\"step\":{},\"train_loss\":0.5,\"train_top1\":{},\"train_top5\":99.0,\"val_loss\":0.4,"
        "\"val_top1\":{},\"val_top5\":99.5,\"best\":true,\"data_s\":1.0,\"compute_s\":3.0,\"images_s\":100.0,"
        "\"eval_s\":2.0}}\n",
        epoch, step, made.first_top1 + epoch - 5, made.first_top1 + epoch);
  }
  write_file(folder / "log.jsonl", log);
}

}  // namespace springbok::study::testing
