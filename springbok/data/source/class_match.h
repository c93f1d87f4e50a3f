// Matching classes by name: evaluation data may list other classes, or in another order, than the model was trained on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "springbok/data/source/source.h"

namespace springbok::data {

/// For each class of the source, the model's class of the same name. Classes of the model that the source lacks are
/// fine; classes of the source that the model does not know are an Error that names them.
std::vector<std::int64_t> match_classes(const Source& source, const std::vector<std::string>& model_classes);

}  // namespace springbok::data
