// What is done about images that cannot be loaded, or that are damaged and read all the same.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace springbok::data {

/// Images that cannot be loaded stop the work, or are left out and counted.
enum class OnBadImage : std::uint8_t { stop, skip };
inline const std::vector<std::string> kOnBadImageNames{"stop", "skip"};

/// JPEGs with damage that Pillow reads over are bad images, or read with Pillow's pixels and counted.
enum class DamagedJpeg : std::uint8_t { refuse, as_pillow };
inline const std::vector<std::string> kDamagedJpegNames{"refuse", "as-pillow"};

}  // namespace springbok::data
