// Which flags a task leaves without effect.
#pragma once

#include <span>

#include "springbok/cli/command.h"
#include "springbok/metrics/task.h"

namespace springbok::cli {

/// A flag that some tasks alone use.
struct TaskFlag {
  const char* key;
  bool classify, multilabel, segment;
};

/// Throws UsageError for a flag that was given and that the network's task does not use.
void check_task_flags(const metrics::Task& task, const Flags& flags, std::span<const TaskFlag> rules);

}  // namespace springbok::cli
