// The keys of a recipe's table [about].
#include "springbok/recipe/about.h"

namespace springbok::recipe {

Options about_table(About& about) {
  constexpr double kMost = 1e12;
  return {
      {"trick", "what sets it apart from its base", &about.trick},
      {"top1", "published top-1 accuracy, per cent; 0: none", &about.top1, 0, 100},
      {"top5", "published top-5 accuracy, per cent; 0: none", &about.top5, 0, 100},
      {"from", "whose recipe it is", &about.from},
      {"command", "what its authors type", &about.command},
      {"note", "what is known of its numbers, and what could not be found", &about.note},
      {"waits_for", "what it needs that is not here", &about.waits_for},
      {"images", "images of the data set to train on; 0: not said", &about.images, 0, kMost},
      {"val_images", "images to validate with; 0: not said", &about.val_images, 0, kMost},
      {"classes", "classes of the data set; 0: not said", &about.classes, 0, kMost},
  };
}

void inherit(About& about, const About& base) {
  if (about.images == 0) about.images = base.images;
  if (about.val_images == 0) about.val_images = base.val_images;
  if (about.classes == 0) about.classes = base.classes;
}

}  // namespace springbok::recipe
