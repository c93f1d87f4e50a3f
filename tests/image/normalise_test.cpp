// Normalising: the floats of torchvision, on every instruction set.
#include "springbok/image/normalise.h"

#include <gtest/gtest.h>

#include <cstring>

#include "samples.h"
#include "springbok/base/error.h"

namespace springbok::image {
namespace {

constexpr double kMean[] = {0.485, 0.456, 0.406, 0.5};
constexpr double kStd[] = {0.229, 0.224, 0.225, 0.25};

TEST(Normaliser, EveryInstructionSetEqualsTheTable) {
  on_every_instruction_set([] {
    for (const std::size_t channels : {1, 2, 3, 4}) {
      const Normaliser normalise({kMean, channels}, {kStd, channels});
      for (int width = 1; width <= 65; ++width) {
        const Image image = formula(3, width, static_cast<int>(channels));
        std::vector<float> fast(image.pixels.size()), plain(image.pixels.size());
        normalise(image, fast.data());
        normalise.plain(image, plain.data());
        ASSERT_EQ(fast, plain) << width << " x " << channels;
      }
    }
  });
}

// torch 2.13: torch.tensor([v], dtype=torch.uint8).to(torch.float32).div(255).sub(mean).div(std), as hexadecimal
// floats.
TEST(Normaliser, GivesTorchsFloats) {
  const Normaliser normalise({kMean, 3}, {kStd, 3});
  Image image(1, 3, 3);
  image.pixels = {0, 0, 0, 1, 100, 254, 255, 128, 77};
  std::vector<float> values(9);
  normalise(image, values.data());
  const float expected[] = {-0x1.0f177a0000000p+1F, -0x1.0492480000000p+1F, -0x1.cdf0120000000p+0F,
                            -0x1.0ce6560000000p+1F, -0x1.23dab40000000p-2F, 0x1.4fb0680000000p+1F,
                            0x1.1fdc3a0000000p+1F,  0x1.a436900000000p-3F,  -0x1.d97e720000000p-2F};
  for (int i = 0; i < 9; ++i) EXPECT_EQ(values[i], expected[i]) << i;
}

TEST(Normaliser, WrongShapesAreOurBug) {
  EXPECT_THROW(Normaliser({kMean, 3}, {kStd, 1}), Error);
  const Normaliser normalise({kMean, 3}, {kStd, 3});
  float out[4];
  EXPECT_THROW(normalise(formula(2, 2, 1), out), Error);
}

}  // namespace
}  // namespace springbok::image
