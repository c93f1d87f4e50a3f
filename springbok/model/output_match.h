// Which output of a network scores each class of a source: by name, by ImageNet's synset, by index, or by position.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "springbok/data/source/source.h"

namespace springbok::model {

/// The outputs' names, and where they are from.
struct Outputs {
  const std::vector<std::string>& names;
  bool assumed = false;  ///< the file names none, and no one else did
  std::string file;      ///< the user's, which names them; else ""
};

struct OutputMatch {
  std::vector<std::int64_t> outputs;  ///< of each class of the source; -1 for one without images
  std::int64_t classes = 0;           ///< that have images
  std::string by;                     ///< `name`, `synset`, `name and synset`, `index`, `order`, `file`
  std::vector<std::string> warnings;
};

/// Matches the classes that have images; of a source of labels or masks all. First by equal names. Then, for networks
/// of ImageNet's classes, by synsets and the other names of ImageNet's (zoo/imagenet.h). Then by indices, where all of
/// the source's classes are numbers and none is a name. Last by the source's order, with a warning, where names are
/// only assumed, none is known and the counts agree. Throws Error for classes that match nothing, several outputs, or
/// the same output.
OutputMatch match_outputs(const data::Source& source, const Outputs& outputs);

/// `classes: 3 of 1,000 outputs, matched by synset`.
std::string to_text(const OutputMatch& match, const Outputs& outputs);

}  // namespace springbok::model
