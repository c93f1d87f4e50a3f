// timm's description of a weight file: the `pretrained_cfg` of a config.json.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "springbok/zoo/published_input.h"

namespace springbok::model {

struct TimmConfig {
  zoo::PublishedInput input;        ///< with the test size and crop, as timm validates
  std::string name;                 ///< `resnet50.a1_in1k`, as far as it is said
  std::string architecture;         ///< `resnet50`
  std::int64_t classes = 0;         ///< 0: not said
  std::vector<std::string> labels;  ///< names of classes, where they are said
  std::string unsupported;          ///< what it asks for that is not done here: `crop_mode 'squash'`
  std::string other;                ///< timm's training size and crop, where they differ: `size 224, crop_ratio 0.95`
};

/// Whether an object is one: it has a `pretrained_cfg`, or is one itself.
bool is_timm_config(const nlohmann::json& object);
/// Throws Error naming `where` and the key for a value of another type.
TimmConfig timm_config(const nlohmann::json& object, const std::string& where);

}  // namespace springbok::model
