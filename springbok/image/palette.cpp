// Colours of masks.
#include "springbok/image/palette.h"

namespace springbok::image {

Palette voc_palette() {
  constexpr unsigned kColours = 256, kBitsOfAColour = 8, kChannels = 3;
  Palette palette(kColours);
  for (unsigned index = 0; index < kColours; ++index) {
    for (unsigned bit = 0; bit < kBitsOfAColour; ++bit) {
      for (unsigned channel = 0; channel < kChannels; ++channel) {
        const unsigned set = index >> (kChannels * bit + channel) & 1;
        palette[index][channel] |= static_cast<std::uint8_t>(set << (kBitsOfAColour - 1 - bit));
      }
    }
  }
  return palette;
}

}  // namespace springbok::image
