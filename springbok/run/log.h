// log.jsonl, written: one line a step and one an epoch.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>

#include "springbok/run/line.h"

namespace springbok::run {

/// Takes each line of a run as it comes: the log's file, a caller's own.
using Sink = std::function<void(const Line&)>;

/// log.jsonl: one JSON object a line, flushed at once.
class Log {
 public:
  /// Starts a new log.
  explicit Log(std::filesystem::path path);
  /// Goes on with a log: lines of steps after `step`, and of epochs after `epoch`, are dropped.
  Log(std::filesystem::path path, std::int64_t step, std::int64_t epoch);

  /// Throws Error when it cannot be written (full disk).
  void write(const Line& line);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  void open(const char* mode);
  std::filesystem::path path_;
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace springbok::run
