// TensorBoard opens the event files of a run, and takes the later of two for the steps that both tell of.
#include "springbok/run/event_file.h"

#include <gtest/gtest.h>

#include "springbok/base/file.h"
#include "tests/support/run_python.h"
#include "tests/support/temporary_folder.h"

namespace springbok::run {
namespace {

using springbok::testing::run_python;
using springbok::testing::TemporaryFolder;

std::string read_by_tensorboard(const std::filesystem::path& folder) {
  return run_python("study/check_events.py", {folder.string()});
}

StepLine step(std::int64_t number, double loss) {
  return {.step = number, .epoch = 1, .loss = loss, .lr = 0.5, .images_per_second = 64};
}

TEST(EventFile, TensorBoardReadsItsScalars) {
  const TemporaryFolder folder;
  EventFile file(folder / "tensorboard", 0);
  StepLine clipped = step(2, 0.25);
  clipped.gradient_norm = 3;
  file.write(step(1, 0.5));
  file.write(clipped);
  file.write(EpochLine{.epoch = 1,
                       .step = 2,
                       .train = {{"loss", 0.5}, {"top1", 80}},
                       .val = {{"loss", 0.75}, {"top1", 90}},
                       .images_per_second = 32,
                       .eval_seconds = 2});
  file.write(EventLine{.step = 2, .epoch = 1, .what = "skipped", .text = "no number"});
  EXPECT_EQ(read_by_tensorboard(folder / "tensorboard"),
            "epoch/eval_s 2:2\nepoch/images_s 2:32\nstep/gradient_norm 2:3\nstep/images_s 1:64 2:64\n"
            "step/loss 1:0.5 2:0.25\nstep/lr 1:0.5 2:0.5\ntrain/loss 2:0.5\ntrain/top1 2:80\nval/loss 2:0.75\n"
            "val/top1 2:90\n");
}

TEST(EventFile, OfAResumedRunTheLaterFileCounts) {
  const TemporaryFolder folder;
  {
    EventFile before(folder / "tensorboard", 0);
    for (int i = 1; i <= 6; ++i) before.write(step(i, 1));
  }
  EventFile after(folder / "tensorboard", 4);
  for (int i = 5; i <= 7; ++i) after.write(step(i, 2));
  const std::string read = read_by_tensorboard(folder / "tensorboard");
  EXPECT_NE(read.find("step/loss 1:1 2:1 3:1 4:1 5:2 6:2 7:2\n"), std::string::npos) << read;
}

/// RFC 3720, B.4: 32 bytes of zeros have the sum 0x8a9136aa, "123456789" has 0xe3069283.
TEST(EventFile, ChecksumsAreCastagnolisMasked) {
  const auto masked = [](std::uint32_t crc) { return (crc >> 15 | crc << 17) + 0xA282EAD8; };
  EXPECT_EQ(masked_crc32c("123456789"), masked(0xE3069283));
  EXPECT_EQ(masked_crc32c(std::string(32, '\0')), masked(0x8A9136AA));
}

}  // namespace
}  // namespace springbok::run
