// Mobile networks that were found by search: FairNAS, ProxylessNAS, MNASNet.
#pragma once

#include "springbok/zoo/zoo.h"

namespace springbok::zoo {

graph::Graph fairnas_a(const ModelOptions& options);
graph::Graph fairnas_b(const ModelOptions& options);
graph::Graph fairnas_c(const ModelOptions& options);
graph::Graph proxyless_cpu(const ModelOptions& options);
graph::Graph proxyless_gpu(const ModelOptions& options);
graph::Graph proxyless_mobile(const ModelOptions& options);
graph::Graph mnasnet0_5(const ModelOptions& options);
graph::Graph mnasnet0_75(const ModelOptions& options);
graph::Graph mnasnet1_0(const ModelOptions& options);
graph::Graph mnasnet1_3(const ModelOptions& options);

}  // namespace springbok::zoo
