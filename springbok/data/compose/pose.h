// How a cut-out stands in an image: its size, turn, focus and colours, and the layer that it then is.
#pragma once

#include "springbok/base/rng.h"
#include "springbok/data/compose/cutouts.h"
#include "springbok/image/image.h"

namespace springbok::data {

struct Pose {
  double side = 0;     ///< the root of the object's area in pixels
  double degrees = 0;  ///< counter-clockwise
  bool flip = false;   ///< left to right
  double blur = 1;     ///< how many pixels one of the cut-out's is spread over, at least 1
  double brightness = 1, contrast = 1, saturation = 1;
};

/// Draws turn, flip, blur and colours.
Pose drawn_pose(Rng& rng, double side);

/// The cut-out in that pose: RGBA, cut to what is not quite transparent. Objects grow at most fourfold.
image::Image posed(const Cutout& cutout, const Pose& pose);

}  // namespace springbok::data
