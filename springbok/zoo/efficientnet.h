// EfficientNet B0 to B7 (Tan and Le 2019) and EfficientNet-Lite 0 to 4.
#pragma once

#include "springbok/zoo/zoo.h"

namespace springbok::zoo {

graph::Graph efficientnet_b0(const ModelOptions& options);
graph::Graph efficientnet_b1(const ModelOptions& options);
graph::Graph efficientnet_b2(const ModelOptions& options);
graph::Graph efficientnet_b3(const ModelOptions& options);
graph::Graph efficientnet_b4(const ModelOptions& options);
graph::Graph efficientnet_b5(const ModelOptions& options);
graph::Graph efficientnet_b6(const ModelOptions& options);
graph::Graph efficientnet_b7(const ModelOptions& options);
graph::Graph modelzoo_efficientnet_b0(const ModelOptions& options);

graph::Graph efficientnet_lite0(const ModelOptions& options);
graph::Graph efficientnet_lite1(const ModelOptions& options);
graph::Graph efficientnet_lite2(const ModelOptions& options);
graph::Graph efficientnet_lite3(const ModelOptions& options);
graph::Graph efficientnet_lite4(const ModelOptions& options);

}  // namespace springbok::zoo
