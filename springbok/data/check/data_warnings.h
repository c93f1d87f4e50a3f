// What a training's images have in them that is probably not as meant.
#pragma once

#include <string>
#include <vector>

#include "springbok/data/source/source.h"

namespace springbok::data {

/// Lines: classes that only one of the parts has images of, and what each of the sources says (`Source::warnings`).
std::vector<std::string> data_warnings(const data::Source& training, const data::Source& validation);

}  // namespace springbok::data
