// Comparing the parts of a training's data.
#include "springbok/data/check/data_warnings.h"

#include <algorithm>
#include <set>

#include "springbok/base/text.h"

namespace springbok::data {
namespace {

/// Of a source of masks all: which ones have pixels is known only when all are read.
std::set<std::string> classes_with_images(const data::Source& source) {
  std::vector<bool> used(source.classes().size(), source.target_kind() == TargetKind::masks);
  const auto mark = [&](std::int64_t i) {
    if (source.target_kind() != TargetKind::labels) {
      if (source.target(i) >= 0) used[static_cast<std::size_t>(source.target(i))] = true;
      return;
    }
    const std::vector<std::uint8_t> labels = source.labels(i);
    for (std::size_t c = 0; c < std::min(labels.size(), used.size()); ++c) used[c] = used[c] || labels[c] != 0;
  };
  for (std::int64_t i = 0; i < source.size(); ++i) mark(i);
  std::set<std::string> names;
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (used[i]) names.insert(source.classes()[i]);
  }
  return names;
}

/// The classes of `all` that `some` lacks, in a line; nothing when it has them.
void tell_missing(const char* what, const std::vector<std::string>& all, const std::set<std::string>& some,
                  std::vector<std::string>& told) {
  std::vector<std::string> missing;
  std::copy_if(all.begin(), all.end(), std::back_inserter(missing),
               [&](const std::string& name) { return !some.contains(name); });
  if (missing.empty()) return;
  told.push_back(format("no {} images of {} of {} classes: {}", what, with_commas(std::ssize(missing)),
                        with_commas(std::ssize(all)), join_first(missing)));
}

}  // namespace

std::vector<std::string> data_warnings(const data::Source& training, const data::Source& validation) {
  std::vector<std::string> told = training.warnings();
  for (std::string& each : validation.warnings()) {
    if (std::find(told.begin(), told.end(), each) == told.end()) told.push_back(std::move(each));
  }
  tell_missing("training", training.classes(), classes_with_images(training), told);
  tell_missing("validation", training.classes(), classes_with_images(validation), told);
  return told;
}

}  // namespace springbok::data
