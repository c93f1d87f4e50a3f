// What TensorBoard reads: the numbers of a run as an event file.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "springbok/run/line.h"

namespace springbok::run {

/// `tensorboard/events.out.tfevents.SECONDS.HOST.PROCESS`: records of TensorFlow's framing, each an `Event` message.
/// A step gives `step/loss`, `step/lr`, `step/images_s` and `step/gradient_norm`; an epoch `train/METRIC`,
/// `val/METRIC`, `epoch/images_s` and `epoch/eval_s`, at its last step.
class EventFile {
 public:
  /// Makes a file of its own, behind those that are there. What they say of steps after `step` counts no longer.
  EventFile(const std::filesystem::path& folder, std::int64_t step);

  /// Flushed at once. Throws Error when it cannot be written (full disk).
  void write(const Line& line);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  void record(std::string_view message);

  std::filesystem::path path_;
  std::unique_ptr<std::FILE, Close> file_;
};

/// CRC-32C (Castagnoli), as records carry it: rotated right by 15 bits, plus 0xa282ead8.
std::uint32_t masked_crc32c(std::string_view bytes);

}  // namespace springbok::run
