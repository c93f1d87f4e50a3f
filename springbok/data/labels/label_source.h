// Inside the room: images with any number of labels each, from a CSV or from texts beside them.
#pragma once

#include <filesystem>
#include <memory>

#include "springbok/data/source/source.h"

namespace springbok::data {

/// Whether `root` has SPLIT.csv, or SPLIT/ with images, texts and no folders; where SPLIT/ has folders they are
/// classes, and the CSV is something else.
bool has_labels(const std::filesystem::path& root, const Split& split);

/// Whether `root` has labels.csv, or images and texts itself.
bool is_labels(const std::filesystem::path& root);

/// Images with label sets, whose sizes nobody says. Either `root`/SPLIT.csv lists them (label_table.h), with paths
/// below `root`, SPLIT/, images/ or images/SPLIT/: the first of these that has the first image. An image that comes
/// again has the labels of all its lines. Or each image
/// of SPLIT/ has its labels in a text of its name, SPLIT/NAME.txt, one a line (or separated as in a CSV). An empty text
/// says that there are none. Images without a text, and
/// texts without an image, are left out and warned of. A root without parts (`is_labels`) is opened for `val` and with
/// `settings.val_share`. Classes are the lines of `root`/classes.txt, else the header's, else what the labels say
/// (class_names.h). Throws Error naming file and line for a label that is no class, for boxes in place of labels, and
/// where no image is there.
std::unique_ptr<Source> open_labels(const std::filesystem::path& root, const Split& split,
                                    const OpenSettings& settings);

}  // namespace springbok::data
