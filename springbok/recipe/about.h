// What a recipe says about itself in its table [about]: published numbers, where it comes from, how large its data set
// is. Nothing of it changes a training.
#pragma once

#include <cstdint>
#include <string>

#include "springbok/base/option.h"

namespace springbok::recipe {

struct About {
  std::string trick = {};      ///< what sets it apart from its base
  double top1 = 0, top5 = 0;   ///< published, per cent; 0: none
  std::string from = {};       ///< whose it is, and where they say so
  std::string command = {};    ///< what they type
  std::string note = {};       ///< what is known of the numbers, and what could not be found
  std::string waits_for = {};  ///< what training it needs that is not here; "" for a recipe that runs
  // Of the data set. A recipe has those of its base where it says nothing; all else is of one recipe alone.
  std::int64_t images = 0;  ///< to train on; 0: not said
  std::int64_t val_images = 0;
  std::int64_t classes = 0;
};

/// The keys of the table, with fields in `about`, which must outlive them.
Options about_table(About& about);

/// Takes from a base what is true of the data set.
void inherit(About& about, const About& base);

}  // namespace springbok::recipe
