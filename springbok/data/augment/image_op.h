// The operations that augmentation policies are made of, and what a magnitude means to each.
#pragma once

#include <cstdint>

#include "springbok/image/image.h"
#include "springbok/image/resize.h"
#include "springbok/image/warp.h"

namespace springbok::data {

enum class Op : std::uint8_t {
  identity,
  shear_x,
  shear_y,
  translate_x,
  translate_y,
  rotate,
  brightness,
  colour,
  contrast,
  sharpness,
  posterise,
  solarise,
  autocontrast,
  equalise,
  invert,
  solarise_add,
  blur
};

/// torchvision's name: `ShearX`, `AutoContrast`, ...
const char* op_name(Op op);
/// Whether a sign is drawn for its magnitude.
bool is_signed(Op op);

/// An operation with its magnitude and sign: shear as a tangent, translation in pixels, degrees counter-clockwise. Of
/// colours it is what is added to the factor 1. Of tones it is the bits to keep, a threshold, or what is added to
/// values before solarising, of blurring Pillow's radius. `filter` is what timm draws for the operations that move
/// pixels.
struct OpStep {
  Op op = Op::identity;
  double magnitude = 0;
  image::Filter filter = image::Filter::nearest;
  bool operator==(const OpStep&) const = default;
};

/// Whose form of the operations: torchvision's moves pixels with `filter` and leaves black. torch-toolbox's shears with
/// the bicubic filter, moves by a share of the side (and so the other way), and leaves grey 128. So does timm's, with
/// each step's filter and `fill`. torch-toolbox adds to all values before it solarises, timm to the dark ones alone.
enum class OpForm : std::uint8_t { torchvision, toolbox, timm };
struct OpStyle {
  OpForm form = OpForm::torchvision;
  image::Filter filter = image::Filter::nearest;
  image::Fill fill = {};
};

/// Applies one step to an image of 1 or 3 channels, as torchvision or torch-toolbox do to a Pillow image.
void apply(image::Image& image, const OpStep& step, const OpStyle& style);

/// torchvision's RandomRotation at this angle: nearest filter, black corners.
void rotate(image::Image& image, double degrees);

}  // namespace springbok::data
