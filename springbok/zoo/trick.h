// The builders' options that work on any finished network: activation, norm, drop path, DropBlock, pooling,
// convolution.
#pragma once

#include "springbok/base/option.h"
#include "springbok/zoo/zoo.h"

namespace springbok::zoo {

/// Rewrites the network as `options` say. Throws UsageError naming the model and the option where nothing in it can be
/// changed.
void apply_tricks(graph::Graph& graph, const ModelInfo& model, const ModelOptions& options);

/// Their descriptions, with fields in `options`, which must outlive them.
Options trick_options(ModelOptions& options);

}  // namespace springbok::zoo
