// The report: one HTML file that needs nothing else, for runs compared with each other.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "springbok/study/gallery.h"
#include "springbok/study/label_gallery.h"
#include "springbok/study/mask_gallery.h"
#include "springbok/study/run.h"

namespace springbok::study {

/// Of any task.
using AnyGallery = std::variant<Gallery, LabelGallery, MaskGallery>;

/// The page: the table, curves of accuracy, loss, learning rate and speed, mistakes and pictures where there are any.
/// Then where the time went, what happened to the runs, what differs between them, and the recipes. It holds its only
/// script and asks for nothing outside, which its policy forbids too; light and dark, wide and narrow. With `refresh`
/// it loads itself anew after so many seconds.
std::string html_report(const std::vector<RunSummary>& runs, const std::vector<AnyGallery>& galleries = {},
                        std::int64_t refresh = 0);

}  // namespace springbok::study
