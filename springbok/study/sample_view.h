// A sample of a data set as people look at it: what it is labelled with, in words and over its picture.
#pragma once

#include <cstdint>
#include <string>

#include "springbok/data/source/source.h"
#include "springbok/image/image.h"

namespace springbok::study {

/// Its class; its labels with their sizes, `cat (small), dog`; or its mask's classes with their shares of the pixels,
/// the largest first, `road 61.2 %, car 3.0 %`. "" where it has none. Throws as `Source::mask` does.
std::string target_text(const data::Source& source, std::int64_t index);

/// The picture with its mask over it in VOC's colours; pixels that count for nothing are pale. Without a mask (no
/// pixels) as it is.
image::Image with_mask(const image::Image& image, const image::Image& mask);

/// The colours of the source's classes, a line of HTML; "" for sources without masks.
std::string colours_html(const data::Source& source);

}  // namespace springbok::study
