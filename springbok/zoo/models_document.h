// docs/models.md: every model with its cost, its published accuracy and its paper.
#pragma once

#include <string>

namespace springbok::zoo {

/// The page as Markdown, one table a family. Costs are for 1000 classes at the published input size.
std::string models_document();

}  // namespace springbok::zoo
