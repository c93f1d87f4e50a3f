// Coefficients to samples and samples to pixels, exactly as libjpeg's slow integer method has them, vectorised.
#pragma once

#include <cstddef>
#include <cstdint>

namespace springbok::image {

/// Inverse discrete cosine transform (Loeffler, Ligtenberg & Moschytz 1989, with 13-bit constants) of `blocks` blocks
/// of 64 coefficients, each times its step, that lie beside each other, to samples: 8 rows, `stride` apart, of
/// 8 * blocks. False when there are coefficients so large that its sums would leave 16 bits, as only made-up files have
/// them; samples are wrong then. Steps are below 256, coefficients above -32,768.
bool inverse_dct(const std::int16_t* coefficients, const std::uint16_t* steps, int blocks, std::uint8_t* out,
                 std::size_t stride);

/// One row of chroma at the image's width: sample i of `near` becomes pixels 2 i and 2 i + 1, each three quarters it
/// and one quarter its neighbour. With `far`, the row on the other side, each is first three quarters `near` and one
/// quarter `far`. Both rows can be read at -1 and at `samples`. `scratch` holds samples + 2 values.
void upsample_row(const std::uint8_t* near, const std::uint8_t* far, int samples, std::uint16_t* scratch,
                  std::uint8_t* out);

/// YCbCr to RGB (JFIF, ITU-R BT.601): `pixels` of each to 3 * pixels bytes.
void ycc_to_rgb(const std::uint8_t* y, const std::uint8_t* cb, const std::uint8_t* cr, int pixels, std::uint8_t* out);

}  // namespace springbok::image
