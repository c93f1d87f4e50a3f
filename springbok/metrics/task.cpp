// Names of tasks.
#include "springbok/metrics/task.h"

#include <vector>

#include "springbok/base/error.h"
#include "springbok/base/overload.h"
#include "springbok/base/quote.h"

namespace springbok::metrics {

std::string name_of(const Task& task) {
  return std::visit(Overload{[](const Classify&) { return "classify"; }, [](const MultiLabel&) { return "multilabel"; },
                             [](const Segment&) { return "segment"; }},
                    task);
}

Task task_named(const std::string& name, const std::string& where) {
  std::vector<std::string> known;
  for (const Task& task : {Task(Classify{}), Task(MultiLabel{}), Task(Segment{})}) {
    if (name == name_of(task)) return task;
    known.push_back(name_of(task));
  }
  fail("{}: '{}' is no task that this build knows ({})", where, shortened(name), join(known));
}

}  // namespace springbok::metrics
