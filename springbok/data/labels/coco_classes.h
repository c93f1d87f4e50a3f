// The classes of MS-COCO.
#pragma once

#include <string>
#include <vector>

namespace springbok::data {

/// The names of MS-COCO's 80 categories in the order of its instances_*.json, which is that of their ids.
const std::vector<std::string>& coco_classes();

}  // namespace springbok::data
