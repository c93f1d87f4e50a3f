// The classes of PASCAL VOC.
#pragma once

#include <string>
#include <vector>

namespace springbok::data {

/// The names of PASCAL VOC's 21 classes by index (VOC devkit, VOCinit.m), `background` being 0.
const std::vector<std::string>& voc_classes();

}  // namespace springbok::data
