// Flags of other trainers: what timm's, torchvision's, Elastic's and ModelZoo's are called here.
#pragma once

#include <string>

#include "springbok/base/option.h"

namespace springbok::recipe {

/// What a flag (`--wd`, `-b`, `--lr-scheduler=step`) or recipe key (`lr_scheduler`) of another program means here, as
/// the end of a message: ` (torchvision's and Elastic's; here it is '--weight-decay')`. `options` are those of the
/// command at hand. "" for a word that none of those programs has.
std::string foreign_hint(const std::string& word, const Options& options);

}  // namespace springbok::recipe
