// What a network is trained for, and what the training of pixels takes beside the rest.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "springbok/data/augment/joint.h"

namespace springbok::recipe {

/// `automatic`: as the data are labelled (task.h).
enum class TaskChoice : std::uint8_t { automatic, classify, multilabel, segment };
const std::vector<std::string>& task_choices();
/// Throws UsageError for a network of the zoo that cannot be of the task: those that score pixels segment, others not.
void check_network(const std::string& model, TaskChoice task);

/// How a run starts from a file. `fit`: by what fits its network. `elastic`: as allenai/elastic's scripts go on, with
/// optimizer and epoch where the file is of the same task (weights/fit/elastic_resume.h).
enum class InitForm : std::uint8_t { fit, elastic };
const std::vector<std::string>& init_forms();

/// How an image and its mask are scaled before the crop (data/augment/joint.h).
struct JointSettings {
  double scale_min = 0.5, scale_max = 2;
  data::JointForm form = data::JointForm::plain;
};

}  // namespace springbok::recipe
