// Lists of labels to sets of classes.
#include "springbok/data/labels/label_lists.h"

#include <algorithm>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/label_sizes.h"
#include "springbok/data/labels/label_table.h"
#include "springbok/data/source/class_names.h"

namespace springbok::data {

SplitTexts split_texts(const LabelLists& texts, const std::vector<std::string>& classes) {
  std::vector<std::string> all;
  for (const auto& lines : texts) all.insert(all.end(), lines.begin(), lines.end());
  const char separator = label_separator(all);
  const bool several = std::any_of(texts.begin(), texts.end(), [](const auto& lines) { return lines.size() > 1; });
  const bool whole = separator == ' ' && several;
  SplitTexts split;
  for (const auto& lines : texts) {
    split.lists.emplace_back();
    for (const std::string& line : lines) {
      const auto labels = whole ? std::vector{line} : split_labels(line, separator, classes);
      split.lists.back().insert(split.lists.back().end(), labels.begin(), labels.end());
    }
  }
  split.told = whole              ? "a label a line"
               : separator == ' ' ? "labels separated by blanks"
                                  : format("labels separated by lines and '{}'", separator);
  return split;
}

ClassSets class_sets(const LabelLists& lists, const std::vector<std::string>& names,
                     const std::function<std::string(std::size_t)>& where) {
  std::vector<std::string> flat;
  std::vector<std::size_t> sample_of;
  for (std::size_t i = 0; i < lists.size(); ++i) {
    flat.insert(flat.end(), lists[i].begin(), lists[i].end());
    sample_of.resize(flat.size(), i);
  }
  if (flat.empty() && names.empty()) fail("{}: neither it nor any other image has a label", where(0));
  Labelled labelled = label(flat, names, [&](std::size_t i) { return where(sample_of[i]); });
  ClassSets made{.classes = std::move(labelled.classes), .sets = {}, .labels = std::ssize(flat)};
  std::size_t at = 0;
  for (const auto& list : lists) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      made.sets.add(static_cast<std::uint32_t>(labelled.targets[at++]), kUnsized);
    }
    made.sets.end_set();
    made.without += list.empty();
  }
  return made;
}

}  // namespace springbok::data
