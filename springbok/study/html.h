// The report: one HTML file that needs nothing else, for runs compared with each other.
#pragma once

#include <string>
#include <vector>

#include "springbok/study/gallery.h"
#include "springbok/study/run.h"

namespace springbok::study {

/// The page: the table, curves of accuracy, loss and learning rate, where the time went, what differs between the
/// recipes, the recipes, and the galleries where there are any. No scripts and no outside resources; light and dark.
std::string html_report(const std::vector<RunSummary>& runs, const std::vector<Gallery>& galleries = {});

}  // namespace springbok::study
