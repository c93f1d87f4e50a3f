// timm's texts for augmentation policies, as options.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace springbok::data {

/// What a text of timm's `--aa` sets, as keys of options and their texts: `rand-m9-mstd0.5-inc1`, `original-mstd0.5`,
/// `v0r`, `3a`, `augmix-m5-w4-d2`. What it leaves open is at timm's defaults. Nothing for any other text: `rand` and
/// `augmix` alone are torchvision's. Throws UsageError naming `where` for a section that timm does not have, or that is
/// not here.
std::vector<std::pair<std::string, std::string>> timm_augment(const std::string& text, const std::string& where);

}  // namespace springbok::data
