// Inside the room: lists of labels, one of each sample: out of texts, and to sets of classes.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "springbok/data/source/label_sets.h"

namespace springbok::data {

using LabelLists = std::vector<std::vector<std::string>>;

/// Lists from the lines of texts: one label a line, or several that are separated (`label_separator`); by blanks only
/// where no text has two lines.
struct SplitTexts {
  LabelLists lists;
  std::string told;  ///< `labels separated by blanks`
};
SplitTexts split_texts(const LabelLists& texts, const std::vector<std::string>& classes);

/// The labels as classes (class_names.h) whose sizes nobody says. `where` says of each sample where its labels stand.
/// Throws Error for a label that is no class, and where no sample has a label and there are no `names`.
struct ClassSets {
  std::vector<std::string> classes;
  LabelSets sets;
  std::int64_t labels = 0, without = 0;  ///< labels of all samples; samples that have none
};
ClassSets class_sets(const LabelLists& lists, const std::vector<std::string>& names,
                     const std::function<std::string(std::size_t)>& where);

}  // namespace springbok::data
