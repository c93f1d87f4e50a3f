// The learned sub-policies of AutoAugment (Cubuk et al. 2019, tables 7 to 9), and timm's v0.
#include <array>

#include "springbok/base/error.h"
#include "springbok/data/augment/policy.h"

namespace springbok::data {
namespace {

constexpr int kNone = -1;

constexpr std::array<SubPolicy, 25> kImageNet{{
    {{Op::posterise, 0.4, 8}, {Op::rotate, 0.6, 9}},
    {{Op::solarise, 0.6, 5}, {Op::autocontrast, 0.6, kNone}},
    {{Op::equalise, 0.8, kNone}, {Op::equalise, 0.6, kNone}},
    {{Op::posterise, 0.6, 7}, {Op::posterise, 0.6, 6}},
    {{Op::equalise, 0.4, kNone}, {Op::solarise, 0.2, 4}},
    {{Op::equalise, 0.4, kNone}, {Op::rotate, 0.8, 8}},
    {{Op::solarise, 0.6, 3}, {Op::equalise, 0.6, kNone}},
    {{Op::posterise, 0.8, 5}, {Op::equalise, 1.0, kNone}},
    {{Op::rotate, 0.2, 3}, {Op::solarise, 0.6, 8}},
    {{Op::equalise, 0.6, kNone}, {Op::posterise, 0.4, 6}},
    {{Op::rotate, 0.8, 8}, {Op::colour, 0.4, 0}},
    {{Op::rotate, 0.4, 9}, {Op::equalise, 0.6, kNone}},
    {{Op::equalise, 0.0, kNone}, {Op::equalise, 0.8, kNone}},
    {{Op::invert, 0.6, kNone}, {Op::equalise, 1.0, kNone}},
    {{Op::colour, 0.6, 4}, {Op::contrast, 1.0, 8}},
    {{Op::rotate, 0.8, 8}, {Op::colour, 1.0, 2}},
    {{Op::colour, 0.8, 8}, {Op::solarise, 0.8, 7}},
    {{Op::sharpness, 0.4, 7}, {Op::invert, 0.6, kNone}},
    {{Op::shear_x, 0.6, 5}, {Op::equalise, 1.0, kNone}},
    {{Op::colour, 0.4, 0}, {Op::equalise, 0.6, kNone}},
    {{Op::equalise, 0.4, kNone}, {Op::solarise, 0.2, 4}},
    {{Op::solarise, 0.6, 5}, {Op::autocontrast, 0.6, kNone}},
    {{Op::invert, 0.6, kNone}, {Op::equalise, 1.0, kNone}},
    {{Op::colour, 0.6, 4}, {Op::contrast, 1.0, 8}},
    {{Op::equalise, 0.8, kNone}, {Op::equalise, 0.6, kNone}},
}};

constexpr std::array<SubPolicy, 25> kCifar10{{
    {{Op::invert, 0.1, kNone}, {Op::contrast, 0.2, 6}},
    {{Op::rotate, 0.7, 2}, {Op::translate_x, 0.3, 9}},
    {{Op::sharpness, 0.8, 1}, {Op::sharpness, 0.9, 3}},
    {{Op::shear_y, 0.5, 8}, {Op::translate_y, 0.7, 9}},
    {{Op::autocontrast, 0.5, kNone}, {Op::equalise, 0.9, kNone}},
    {{Op::shear_y, 0.2, 7}, {Op::posterise, 0.3, 7}},
    {{Op::colour, 0.4, 3}, {Op::brightness, 0.6, 7}},
    {{Op::sharpness, 0.3, 9}, {Op::brightness, 0.7, 9}},
    {{Op::equalise, 0.6, kNone}, {Op::equalise, 0.5, kNone}},
    {{Op::contrast, 0.6, 7}, {Op::sharpness, 0.6, 5}},
    {{Op::colour, 0.7, 7}, {Op::translate_x, 0.5, 8}},
    {{Op::equalise, 0.3, kNone}, {Op::autocontrast, 0.4, kNone}},
    {{Op::translate_y, 0.4, 3}, {Op::sharpness, 0.2, 6}},
    {{Op::brightness, 0.9, 6}, {Op::colour, 0.2, 8}},
    {{Op::solarise, 0.5, 2}, {Op::invert, 0.0, kNone}},
    {{Op::equalise, 0.2, kNone}, {Op::autocontrast, 0.6, kNone}},
    {{Op::equalise, 0.2, kNone}, {Op::equalise, 0.6, kNone}},
    {{Op::colour, 0.9, 9}, {Op::equalise, 0.6, kNone}},
    {{Op::autocontrast, 0.8, kNone}, {Op::solarise, 0.2, 8}},
    {{Op::brightness, 0.1, 3}, {Op::colour, 0.7, 0}},
    {{Op::solarise, 0.4, 5}, {Op::autocontrast, 0.9, kNone}},
    {{Op::translate_y, 0.9, 9}, {Op::translate_y, 0.7, 9}},
    {{Op::autocontrast, 0.9, kNone}, {Op::solarise, 0.8, 3}},
    {{Op::equalise, 0.8, kNone}, {Op::invert, 0.1, kNone}},
    {{Op::translate_y, 0.7, 9}, {Op::autocontrast, 0.9, kNone}},
}};

constexpr std::array<SubPolicy, 25> kSvhn{{
    {{Op::shear_x, 0.9, 4}, {Op::invert, 0.2, kNone}},
    {{Op::shear_y, 0.9, 8}, {Op::invert, 0.7, kNone}},
    {{Op::equalise, 0.6, kNone}, {Op::solarise, 0.6, 6}},
    {{Op::invert, 0.9, kNone}, {Op::equalise, 0.6, kNone}},
    {{Op::equalise, 0.6, kNone}, {Op::rotate, 0.9, 3}},
    {{Op::shear_x, 0.9, 4}, {Op::autocontrast, 0.8, kNone}},
    {{Op::shear_y, 0.9, 8}, {Op::invert, 0.4, kNone}},
    {{Op::shear_y, 0.9, 5}, {Op::solarise, 0.2, 6}},
    {{Op::invert, 0.9, kNone}, {Op::autocontrast, 0.8, kNone}},
    {{Op::equalise, 0.6, kNone}, {Op::rotate, 0.9, 3}},
    {{Op::shear_x, 0.9, 4}, {Op::solarise, 0.3, 3}},
    {{Op::shear_y, 0.8, 8}, {Op::invert, 0.7, kNone}},
    {{Op::equalise, 0.9, kNone}, {Op::translate_y, 0.6, 6}},
    {{Op::invert, 0.9, kNone}, {Op::equalise, 0.6, kNone}},
    {{Op::contrast, 0.3, 3}, {Op::rotate, 0.8, 4}},
    {{Op::invert, 0.8, kNone}, {Op::translate_y, 0.0, 2}},
    {{Op::shear_y, 0.7, 6}, {Op::solarise, 0.4, 8}},
    {{Op::invert, 0.6, kNone}, {Op::rotate, 0.8, 4}},
    {{Op::shear_y, 0.3, 7}, {Op::translate_x, 0.9, 3}},
    {{Op::shear_x, 0.1, 6}, {Op::invert, 0.6, kNone}},
    {{Op::solarise, 0.7, 2}, {Op::translate_y, 0.6, 7}},
    {{Op::shear_y, 0.8, 4}, {Op::invert, 0.8, kNone}},
    {{Op::shear_x, 0.7, 9}, {Op::translate_y, 0.8, 3}},
    {{Op::shear_y, 0.8, 5}, {Op::autocontrast, 0.7, kNone}},
    {{Op::shear_x, 0.7, 2}, {Op::invert, 0.1, kNone}},
}};

/// timm's v0, of TPU's EfficientNet.
constexpr std::array<SubPolicy, 25> kTimmV0{{
    {{Op::equalise, 0.8, kNone}, {Op::shear_y, 0.8, 4}},
    {{Op::colour, 0.4, 9}, {Op::equalise, 0.6, kNone}},
    {{Op::colour, 0.4, 1}, {Op::rotate, 0.6, 8}},
    {{Op::solarise, 0.8, 3}, {Op::equalise, 0.4, kNone}},
    {{Op::solarise, 0.4, 2}, {Op::solarise, 0.6, 2}},
    {{Op::colour, 0.2, 0}, {Op::equalise, 0.8, kNone}},
    {{Op::equalise, 0.4, kNone}, {Op::solarise_add, 0.8, 3}},
    {{Op::shear_x, 0.2, 9}, {Op::rotate, 0.6, 8}},
    {{Op::colour, 0.6, 1}, {Op::equalise, 1.0, kNone}},
    {{Op::invert, 0.4, kNone}, {Op::rotate, 0.6, 0}},
    {{Op::equalise, 1.0, kNone}, {Op::shear_y, 0.6, 3}},
    {{Op::colour, 0.4, 7}, {Op::equalise, 0.6, kNone}},
    {{Op::posterise, 0.4, 6}, {Op::autocontrast, 0.4, kNone}},
    {{Op::solarise, 0.6, 8}, {Op::colour, 0.6, 9}},
    {{Op::solarise, 0.2, 4}, {Op::rotate, 0.8, 9}},
    {{Op::rotate, 1.0, 7}, {Op::translate_y, 0.8, 9}},
    {{Op::shear_x, 0.0, 0}, {Op::solarise, 0.8, 4}},
    {{Op::shear_y, 0.8, 0}, {Op::colour, 0.6, 4}},
    {{Op::colour, 1.0, 0}, {Op::rotate, 0.6, 2}},
    {{Op::equalise, 0.8, kNone}, {Op::equalise, 0.0, kNone}},
    {{Op::equalise, 1.0, kNone}, {Op::autocontrast, 0.6, kNone}},
    {{Op::shear_y, 0.4, 7}, {Op::solarise_add, 0.6, 7}},
    {{Op::posterise, 0.8, 2}, {Op::solarise, 0.6, 10}},
    {{Op::solarise, 0.6, 8}, {Op::equalise, 0.6, kNone}},
    {{Op::colour, 0.8, 6}, {Op::rotate, 0.4, 5}},
}};

}  // namespace

std::span<const SubPolicy> sub_policies(PolicyKind kind) {
  switch (kind) {
    case PolicyKind::imagenet:
    case PolicyKind::toolbox_imagenet:
      return kImageNet;
    case PolicyKind::cifar10:
    case PolicyKind::toolbox_cifar10:
      return kCifar10;
    case PolicyKind::svhn:
    case PolicyKind::toolbox_svhn:
      return kSvhn;
    case PolicyKind::timm_v0:
      return kTimmV0;
    default:
      check(false, "only the learned policies have tables");
      return {};
  }
}

}  // namespace springbok::data
