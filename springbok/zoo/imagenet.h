// ImageNet's 1000 classes, which published weights of classifiers score.
#pragma once

#include <string>
#include <vector>

namespace springbok::zoo {

/// Their names in the order of the networks' outputs, as torchvision gives them; imagenet_classes.txt lists them.
const std::vector<std::string>& imagenet_classes();

}  // namespace springbok::zoo
