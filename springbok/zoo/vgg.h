// AlexNet (Krizhevsky 2014) and VGG (Simonyan and Zisserman 2015) with torchvision's keys.
#pragma once

#include "springbok/zoo/zoo.h"

namespace springbok::zoo {

graph::Graph alexnet(const ModelOptions& options);
graph::Graph vgg11(const ModelOptions& options);
graph::Graph vgg11_bn(const ModelOptions& options);
graph::Graph vgg13(const ModelOptions& options);
graph::Graph vgg13_bn(const ModelOptions& options);
graph::Graph vgg16(const ModelOptions& options);
graph::Graph vgg16_bn(const ModelOptions& options);
graph::Graph vgg19(const ModelOptions& options);
graph::Graph vgg19_bn(const ModelOptions& options);

}  // namespace springbok::zoo
