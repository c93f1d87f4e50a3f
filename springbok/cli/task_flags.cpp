// Refusing flags that a task does not use.
#include "springbok/cli/task_flags.h"

#include "springbok/base/error.h"
#include "springbok/base/overload.h"

namespace springbok::cli {
namespace {

bool is_used(const TaskFlag& rule, const metrics::Task& task) {
  return std::visit(Overload{[&](const metrics::Classify&) { return rule.classify; },
                             [&](const metrics::MultiLabel&) { return rule.multilabel; },
                             [&](const metrics::Segment&) { return rule.segment; }},
                    task);
}

/// `multilabel, segment`.
std::string users_of(const TaskFlag& rule) {
  std::vector<std::string> names;
  for (const metrics::Task& task :
       {metrics::Task(metrics::Classify{}), metrics::Task(metrics::MultiLabel{}), metrics::Task(metrics::Segment{})}) {
    if (is_used(rule, task)) names.push_back(metrics::name_of(task));
  }
  return join(names);
}

}  // namespace

void check_task_flags(const metrics::Task& task, const Flags& flags, std::span<const TaskFlag> rules) {
  for (const TaskFlag& rule : rules) {
    if (!is_given(flags, rule.key) || is_used(rule, task)) continue;
    fail_usage("{}: has no effect under the task {}; it is for {}", flag_name(rule.key), metrics::name_of(task),
               users_of(rule));
  }
}

}  // namespace springbok::cli
