// run.json: what was trained, how, on what, by which build and machine.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "springbok/data/source/source.h"
#include "springbok/metrics/task.h"

namespace springbok::run {

/// Before the run: build, machine, data (description, digest, class names), task and goal, recipe; `finished` is false.
nlohmann::ordered_json make_record(const nlohmann::ordered_json& recipe, const metrics::Task& task,
                                   const data::Source& training, const data::Source& validation);

}  // namespace springbok::run
