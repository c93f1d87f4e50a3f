// What a network is trained for, as a value: it stands in cards, checkpoints and runs.
#pragma once

#include <string>
#include <variant>

namespace springbok::metrics {

/// One class of each image.
struct Classify {
  bool operator==(const Classify&) const = default;
};

/// Any number of labels of each image.
struct MultiLabel {
  bool operator==(const MultiLabel&) const = default;
};

/// A class of each pixel.
struct Segment {
  bool operator==(const Segment&) const = default;
};

using Task = std::variant<Classify, MultiLabel, Segment>;

/// `classify`, `multilabel`, `segment`.
std::string name_of(const Task& task);

/// The inverse. Throws Error naming `where` for another name.
Task task_named(const std::string& name, const std::string& where);

}  // namespace springbok::metrics
