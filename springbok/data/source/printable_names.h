// A source under names that every output can hold.
#pragma once

#include <memory>

#include "springbok/data/source/source.h"

namespace springbok::data {

/// The same samples, with names of classes and samples and the description as base/quote.h's `printable` shows them:
/// what `open_source` gives. Throws Error where two classes would be called the same.
std::unique_ptr<Source> printable_names(std::unique_ptr<Source> source);

}  // namespace springbok::data
