// Inside the room: which classes each of many samples shows, and in which sizes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "springbok/data/source/digest.h"

namespace springbok::data {

/// Sets are kept one after the other, since most samples show few of the classes.
class LabelSets {
 public:
  /// To the set that is being made: a class, and bits of base/label_sizes.h.
  void add(std::uint32_t label, std::uint8_t sizes) {
    labels_.push_back(label);
    sizes_.push_back(sizes);
  }
  void end_set() { ends_.push_back(labels_.size()); }

  std::size_t size() const { return ends_.size(); }
  /// The bits of all classes.
  std::vector<std::uint8_t> dense(std::size_t index, std::size_t classes) const {
    std::vector<std::uint8_t> bits(classes);
    for_each(index, [&](std::uint32_t label, std::uint8_t sizes) { bits.at(label) |= sizes; });
    return bits;
  }
  bool is_empty(std::size_t index) const { return begin_of(index) == ends_.at(index); }
  template <class Use>
  void for_each(std::size_t index, const Use& use) const {
    for (std::size_t i = begin_of(index); i < ends_.at(index); ++i) use(labels_[i], sizes_[i]);
  }
  void add_to(Digest& digest) const {
    digest.add(std::as_bytes(std::span(ends_)));
    digest.add(std::as_bytes(std::span(labels_)));
    digest.add(std::as_bytes(std::span(sizes_)));
  }

 private:
  std::size_t begin_of(std::size_t index) const { return index == 0 ? 0 : ends_.at(index - 1); }

  std::vector<std::uint64_t> ends_;
  std::vector<std::uint32_t> labels_;
  std::vector<std::uint8_t> sizes_;
};

}  // namespace springbok::data
