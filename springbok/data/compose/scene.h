// One composed image: objects cut out of photographs on another photograph, and what is known of each.
#pragma once

#include <string>
#include <vector>

#include "springbok/base/rng.h"
#include "springbok/data/compose/cutouts.h"
#include "springbok/data/compose/outline.h"
#include "springbok/image/image.h"

namespace springbok::data {

struct SceneObject {
  int label = 0;
  bool crowd = false;                ///< several cut-outs of one class as one object
  std::vector<std::string> cutouts;  ///< their names
  Outline outline;
};

struct Scene {
  image::Image pixels;  ///< RGB
  image::Image mask;    ///< 1 channel, as `class_mask`
  std::vector<SceneObject> objects;
  int quality = 90;  ///< of the JPEG to be written
};

struct SceneSettings {
  int size = 320;  ///< the longer side
  int band = 2;    ///< of `class_mask`
};

/// Draws a scene: one in twelve shows no objects, the others 1 to 5, and one in ten of them a crowd as well. Objects
/// are of any class alike, turned by up to 30 degrees, and later ones cover earlier ones. Their areas go from 16^2 to
/// (0.65 `size`)^2, spread evenly as logarithms. `cutouts` by class, none of them empty.
Scene draw_scene(const std::vector<std::vector<Cutout>>& cutouts, const std::vector<image::Image>& backgrounds,
                 const SceneSettings& settings, Rng rng);

}  // namespace springbok::data
