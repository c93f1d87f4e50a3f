// The operations of augmentation policies.
#include "springbok/data/augment/image_op.h"

#include <array>
#include <cmath>
#include <numbers>

#include "springbok/base/error.h"
#include "springbok/image/blur.h"
#include "springbok/image/colour.h"
#include "springbok/image/tone.h"
#include "springbok/image/warp.h"

namespace springbok::data {
namespace {

using image::Image;
using image::Matrix;

constexpr image::Fill kGrey{128, 128, 128, 128};

void warp(Image& image, const Matrix& matrix, image::Filter filter, const image::Fill& fill = {}) {
  image = image::affine(image, matrix, {image.height, image.width}, {.filter = filter, .fill = fill});
}

/// torchvision's inverse matrix of a shear by `tangent` (its way through degrees and back included) about the corner.
Matrix shear_matrix(double tangent, bool along_x) {
  const double degrees = std::atan(tangent) * (180 / std::numbers::pi);
  const double angle = degrees * (std::numbers::pi / 180);
  const double sx = along_x ? angle : 0, sy = along_x ? 0 : angle;
  const double a = std::cos(-sy) / std::cos(sy), b = -std::cos(-sy) * std::tan(sx) / std::cos(sy) - 0.0;
  const double c = std::sin(-sy) / std::cos(sy), d = -std::sin(-sy) * std::tan(sx) / std::cos(sy) + 1.0;
  return {d, -b, 0, -c, a, 0};
}

/// Moving by whole pixels: to the centre and back again, as torchvision adds it up.
Matrix translation(const Image& image, double right, double down) {
  const double x = image.width * 0.5, y = image.height * 0.5;
  return {1, 0, -x - right + x, 0, 1, -y - down + y};
}

void apply_torchvision(Image& image, const OpStep& step, image::Filter filter) {
  const double m = step.magnitude;
  switch (step.op) {
    case Op::shear_x:
      return warp(image, shear_matrix(m, true), filter);
    case Op::shear_y:
      return warp(image, shear_matrix(m, false), filter);
    case Op::translate_x:
      return warp(image, translation(image, std::trunc(m), 0), filter);
    case Op::translate_y:
      return warp(image, translation(image, 0, std::trunc(m)), filter);
    default:
      image = image::rotate(image, m, {.filter = filter});
  }
}

/// Pillow's transforms as they are, with the filters and what is left outside.
struct Pillow {
  image::Filter shear, other;
  image::Fill fill;
};

void apply_pillow(Image& image, const OpStep& step, const Pillow& pillow) {
  const double m = step.magnitude;
  switch (step.op) {
    case Op::shear_x:
      return warp(image, {1, m, 0, 0, 1, 0}, pillow.shear, pillow.fill);
    case Op::shear_y:
      return warp(image, {1, 0, 0, m, 1, 0}, pillow.shear, pillow.fill);
    case Op::translate_x:
      return warp(image, {1, 0, m * image.width, 0, 1, 0}, pillow.other, pillow.fill);
    case Op::translate_y:
      return warp(image, {1, 0, 0, 0, 1, m * image.height}, pillow.other, pillow.fill);
    default:
      image = image::rotate(image, m, {.filter = pillow.other, .fill = pillow.fill});
  }
}

/// What both forms share; false for the operations that move pixels.
bool apply_in_place(Image& image, const OpStep& step) {
  const double m = step.magnitude;
  switch (step.op) {
    case Op::identity:
      return true;
    case Op::brightness:
      return image::adjust_brightness(image, 1 + m), true;
    case Op::colour:
      return image::adjust_saturation(image, 1 + m), true;
    case Op::contrast:
      return image::adjust_contrast(image, 1 + m), true;
    case Op::sharpness:
      return image::adjust_sharpness(image, 1 + m), true;
    case Op::posterise:
      return image::posterise(image, static_cast<int>(m)), true;
    case Op::solarise:
      return image::solarise(image, m), true;
    case Op::autocontrast:
      return image::autocontrast(image), true;
    case Op::equalise:
      return image::equalise(image), true;
    case Op::invert:
      return image::invert(image), true;
    case Op::blur:
      return image = image::gaussian_blur(image, static_cast<float>(m)), true;
    default:
      return false;
  }
}

}  // namespace

const char* op_name(Op op) {
  constexpr std::array kNames{"Identity",     "ShearX",   "ShearY",   "TranslateX",  "TranslateY",  "Rotate",
                              "Brightness",   "Color",    "Contrast", "Sharpness",   "Posterize",   "Solarize",
                              "AutoContrast", "Equalize", "Invert",   "SolarizeAdd", "GaussianBlur"};
  return kNames.at(static_cast<std::size_t>(op));
}

bool is_signed(Op op) {
  return op >= Op::shear_x && op <= Op::sharpness;
}

void apply(Image& image, const OpStep& step, const OpStyle& style) {
  constexpr int kMiddle = 128;
  if (step.op == Op::solarise_add) {
    const auto addend = static_cast<int>(step.magnitude);
    return style.form == OpForm::toolbox ? image::add_and_solarise(image, addend, kMiddle)
                                         : image::solarise_add(image, addend, kMiddle);
  }
  if (apply_in_place(image, step)) return;
  if (style.form == OpForm::toolbox) {
    return apply_pillow(image, step, {image::Filter::bicubic, image::Filter::nearest, kGrey});
  }
  if (style.form == OpForm::timm) return apply_pillow(image, step, {step.filter, step.filter, style.fill});
  apply_torchvision(image, step, style.filter);
}

void rotate(Image& image, double degrees) {
  image = image::rotate(image, degrees, {});
}

}  // namespace springbok::data
