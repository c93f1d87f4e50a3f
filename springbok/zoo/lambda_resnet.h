// LambdaResNets.
#pragma once

#include "springbok/zoo/zoo.h"

namespace springbok::zoo {

graph::Graph lambda_resnet50(const ModelOptions& options);
graph::Graph lambda_resnet101(const ModelOptions& options);
graph::Graph lambda_resnet152(const ModelOptions& options);
graph::Graph modelzoo_lambda_resnet18(const ModelOptions& options);

}  // namespace springbok::zoo
