// The sections of the HTML report, each a `<section>` element, or "" when there is nothing to show.
#pragma once

#include <string>
#include <vector>

#include "springbok/study/gallery.h"
#include "springbok/study/run.h"

namespace springbok::study {

std::string table_section(const std::vector<RunSummary>& runs);
std::string curves_section(const std::vector<RunSummary>& runs);
std::string time_section(const std::vector<RunSummary>& runs);
std::string recipe_section(const std::vector<RunSummary>& runs);
std::string events_section(const std::vector<RunSummary>& runs);
std::string gallery_section(const Gallery& gallery);

/// A dot in the run's colour.
std::string swatch(std::size_t run);

/// The page's style sheet, and its script.
const char* style_sheet();
const char* script();

}  // namespace springbok::study
