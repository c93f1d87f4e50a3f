// Synthetic run folders for the tests.
#pragma once

#include <filesystem>
#include <string>

namespace springbok::study::testing {

/// What a run folder is made of. Top-1 after epoch e is `first_top1 + e`; the loss falls as 2 / step.
struct MadeRun {
  std::string model = "resnet20";
  int epochs = 3, steps_per_epoch = 4;
  double first_top1 = 80;
  double lr = 0.1;
  bool finished = true;
  std::string data = "idx:/somewhere";
};

/// Writes run.json and log.jsonl as springbok train does. Each step waits 0.25 s, computes 0.75 s and takes 100 images;
/// each evaluation takes 2 s.
void write_run(const std::filesystem::path& folder, const MadeRun& made = {});

}  // namespace springbok::study::testing
