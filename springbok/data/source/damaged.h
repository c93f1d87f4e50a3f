// JPEGs that are damaged and read all the same, with the pixels that Pillow makes of them, and which those were.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "springbok/data/source/bad_image.h"
#include "springbok/data/source/source.h"

namespace springbok::data {

/// The damaged images that were read, each counted once. Filled from any thread.
class Damaged {
 public:
  void add(const std::string& name);
  std::int64_t count() const;
  bool has(const std::string& name) const;
  /// `2 damaged JPEGs were read as Pillow reads them (a.jpg, b.jpg)`, or "" when there were none.
  std::string text() const;

 private:
  mutable std::mutex mutex_;
  std::set<std::string> names_;
};

/// The same samples, but damaged JPEGs are read where Pillow reads them (`image::OnDamage`), and noted in `damaged`,
/// which must outlive the source. With the rule `refuse` the source as it is.
std::unique_ptr<Source> with_damaged(std::unique_ptr<Source> source, DamagedJpeg rule, Damaged& damaged);

}  // namespace springbok::data
