// A region of a plain baseline JPEG: which blocks it needs, their samples, and pixels from those.
#include "springbok/image/jpeg/crop.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "springbok/image/jpeg/baseline.h"
#include "springbok/image/jpeg/huffman.h"
#include "springbok/image/jpeg/pixels.h"
#include "springbok/image/jpeg/units.h"

namespace springbok::image {
namespace {

constexpr int kBlock = 8;  ///< samples of a block, each way

/// Samples of one component: those of the units that the region needs.
struct Plane {
  int left = 0, top = 0;      ///< of the first sample, in the component's own
  int width = 0, height = 0;  ///< the component's: where its image ends
  std::size_t stride = 0;
  std::vector<std::uint8_t> samples;

  /// Row `y` of the component, which is repeated beyond its ends, from sample `x` on.
  const std::uint8_t* row(int y, int x) const {
    const int inside = std::clamp(y, 0, height - 1) - top;
    return samples.data() + static_cast<std::size_t>(inside) * stride + (x - left);
  }
};

/// The tables and buffers of a thread, kept from image to image.
struct Workspace {
  BaselineJpeg jpeg;
  HuffmanTables tables;
  std::array<Plane, 3> planes;
  std::array<std::vector<std::int16_t>, 3> coefficients;  ///< of one row of units
  std::vector<std::uint8_t> chroma;                       ///< rows of the image's width, and of samples with a margin
  std::vector<std::uint16_t> sums;
  std::vector<std::size_t> segments;  ///< offsets in the data, and the end
};

class RegionDecoder {
 public:
  RegionDecoder(Workspace& work, const Region& region)
      : work_(work),
        jpeg_(work.jpeg),
        region_(region),
        units_(units_of(jpeg_, region)),
        across_(jpeg_.components[0].across),
        down_(jpeg_.components[0].down) {
    for (std::size_t i = 0; i < 3; ++i) {
      make_plane(i);
      dc_table_[i] = &work.tables.dc(jpeg_, jpeg_.components[i]);
      ac_table_[i] = &work.tables.ac(jpeg_, jpeg_.components[i]);
    }
  }

  /// Samples of all units that the region needs. False for damaged data.
  bool decode(const JpegSegments& segments) {
    if (!work_.tables.build(jpeg_)) return false;
    return segments.empty() ? decode_from_start() : decode_segments(segments);
  }

  void to_pixels(Image& out) {
    const std::size_t width = static_cast<std::size_t>(region_.width);
    const int first = region_.left / across_ - 1, samples = (region_.left + region_.width - 1) / across_ - first;
    const std::size_t wide = 2 * static_cast<std::size_t>(samples) + 64;
    work_.chroma.resize(4 * wide);
    work_.sums.resize(wide);
    for (int y = 0; y < region_.height; ++y) {
      const int row = region_.top + y;
      std::array<const std::uint8_t*, 2> chroma{};
      for (std::size_t i = 0; i < 2; ++i) {
        const Plane& plane = work_.planes[i + 1];
        std::uint8_t* const spread = work_.chroma.data() + i * wide;
        chroma[i] = across_ == 1 ? plane.row(row, region_.left)
                                 : upsampled(plane, row, {first + 1, first + 1 + samples}, spread, wide);
      }
      ycc_to_rgb(work_.planes[0].row(row, region_.left), chroma[0], chroma[1], region_.width,
                 out.pixels.data() + static_cast<std::size_t>(y) * 3 * width);
    }
  }

 private:
  bool decode_from_start() {
    BitReader bits(jpeg_.data);
    int unit = 0;
    for (int row = 0; row < units_.rows.end; ++row) {
      const bool wanted = units_.rows.has(row), last = row + 1 == units_.rows.end;
      if (wanted) clear();
      for (int column = 0; column < (last ? units_.columns.end : units_.per_row); ++column, ++unit) {
        if (jpeg_.restart_every > 0 && unit > 0 && unit % jpeg_.restart_every == 0) {
          if (!bits.restart(unit / jpeg_.restart_every - 1)) return false;
          dc_ = {};
        }
        if (!(wanted && units_.columns.has(column) ? read_unit(bits, column) : skip_unit(bits))) return false;
      }
      if (bits.exhausted()) return false;
      if (wanted && !to_samples(row)) return false;
    }
    return has_end(bits.rest());
  }

  /// Begins at the segments that the region lies in.
  bool decode_segments(const JpegSegments& segments) {
    if (segments.units != jpeg_.restart_every || !find_segments(segments)) return false;
    for (int row = units_.rows.first; row < units_.rows.end; ++row) {
      clear();
      const int first = row * units_.per_row + units_.columns.first, end = first + units_.columns.size();
      for (int segment = first / segments.units; segment * segments.units < end; ++segment) {
        if (!decode_segment(segment, {segment * segments.units, std::min((segment + 1) * segments.units, end)},
                            first)) {
          return false;
        }
      }
      if (!to_samples(row)) return false;
    }
    return true;
  }

  /// One segment's units; of those before `wanted` only the bits are read. It must end with its marker, and where it is
  /// read to its end, exactly there.
  bool decode_segment(int segment, Range units, int wanted) {
    const std::size_t begin = work_.segments[static_cast<std::size_t>(segment)];
    const auto data = jpeg_.data.subspan(begin, work_.segments[static_cast<std::size_t>(segment) + 1] - begin);
    const int full = std::min((segment + 1) * jpeg_.restart_every, units_.all());
    const int marker = full == units_.all() ? kEndMarker : restart_marker(segment);
    constexpr std::size_t kMarker = 2;
    if (data.size() < kMarker || !BitReader(data.last(kMarker)).at(marker)) return false;
    BitReader bits(data);
    dc_ = {};
    for (int unit = units.first; unit < units.end; ++unit) {
      const bool good = unit < wanted ? skip_unit(bits) : read_unit(bits, units_.columns.first + unit - wanted);
      if (!good) return false;
    }
    return units.end < full ? !bits.exhausted() : bits.at(marker) && bits.rest().size() == kMarker;
  }

  /// Where the segments begin, and the last one ends. False when they are not all of the data.
  bool find_segments(const JpegSegments& segments) {
    if (segments.count() != divided_up(units_.all(), segments.units)) return false;
    work_.segments.clear();
    std::size_t at = 0;
    for (int i = 0; i < segments.count(); ++i) {
      work_.segments.push_back(at);
      at += segments.length(i);
    }
    work_.segments.push_back(at);
    return at == jpeg_.data.size();
  }

  /// Whether the image ends as it should, somewhere in what was not read.
  static bool has_end(std::span<const std::byte> rest) {
    constexpr std::string_view kEndOfImage = "\xFF\xD9";
    return std::string_view(reinterpret_cast<const char*>(rest.data()), rest.size()).rfind(kEndOfImage) !=
           std::string_view::npos;
  }

  void make_plane(std::size_t i) {
    const int across = i == 0 ? across_ : 1, down = i == 0 ? down_ : 1;
    Plane& plane = work_.planes[i];
    plane.left = units_.columns.first * across * kBlock;
    plane.top = units_.rows.first * down * kBlock;
    plane.width = divided_up(jpeg_.width * across, across_);
    plane.height = divided_up(jpeg_.height * down, down_);
    plane.stride = static_cast<std::size_t>(units_.columns.size() * across) * kBlock;
    plane.samples.resize(plane.stride * static_cast<std::size_t>(units_.rows.size() * down * kBlock) + 64);
    work_.coefficients[i].resize(plane.stride * static_cast<std::size_t>(down) * kBlock);
  }

  void clear() {
    for (auto& coefficients : work_.coefficients) std::fill(coefficients.begin(), coefficients.end(), std::int16_t{0});
  }

  bool read_unit(BitReader& bits, int column) {
    for (std::size_t i = 0; i < 3; ++i) {
      const BaselineComponent& component = jpeg_.components[i];
      const std::size_t row_of_blocks = work_.planes[i].stride * kBlock;
      for (int y = 0; y < component.down; ++y) {
        std::int16_t* const row = work_.coefficients[i].data() + static_cast<std::size_t>(y) * row_of_blocks;
        for (int x = 0; x < component.across; ++x) {
          const int block = (column - units_.columns.first) * component.across + x;
          if (!decode_block(bits, *dc_table_[i], *ac_table_[i], dc_[i], row + block * kBlock * kBlock)) return false;
        }
      }
    }
    return true;
  }

  bool skip_unit(BitReader& bits) {
    for (std::size_t i = 0; i < 3; ++i) {
      const int blocks = jpeg_.components[i].across * jpeg_.components[i].down;
      for (int block = 0; block < blocks; ++block) {
        if (!skip_block(bits, *dc_table_[i], *ac_table_[i], dc_[i])) return false;
      }
    }
    return true;
  }

  /// False when the transform does not take the coefficients.
  bool to_samples(int row) {
    for (std::size_t i = 0; i < 3; ++i) {
      Plane& plane = work_.planes[i];
      const int down = jpeg_.components[i].down;
      for (int y = 0; y < down; ++y) {
        const int below = (row - units_.rows.first) * down + y;
        const auto block_row = static_cast<std::size_t>(below);
        if (!inverse_dct(work_.coefficients[i].data() + static_cast<std::size_t>(y) * plane.stride * kBlock,
                         jpeg_.components[i].steps.data(), static_cast<int>(plane.stride) / kBlock,
                         plane.samples.data() + block_row * kBlock * plane.stride, plane.stride)) {
          return false;
        }
      }
    }
    return true;
  }

  /// Chroma of image row `row`, at the image's width, from the region's left end on. `out` has room for twice the
  /// samples, `wide` values, and behind those of both components lie the rows that need a margin.
  const std::uint8_t* upsampled(const Plane& plane, int row, Range samples, std::uint8_t* out, std::size_t wide) {
    const int near = row / down_, far = down_ == 1 ? near : row % 2 == 0 ? near - 1 : near + 1;
    std::uint8_t* const near_row = work_.chroma.data() + 2 * wide + 1;
    std::uint8_t* const far_row = work_.chroma.data() + 3 * wide + 1;
    with_margin(plane, near, samples, near_row);
    if (down_ == 2) with_margin(plane, far, samples, far_row);
    upsample_row(near_row, down_ == 2 ? far_row : nullptr, samples.size(), work_.sums.data(), out);
    return out + (region_.left - 2 * samples.first);
  }

  /// Samples and one more at each end, which is the last one again where the component ends.
  static void with_margin(const Plane& plane, int y, Range samples, std::uint8_t* out) {
    const int left = std::max(samples.first - 1, 0), right = std::min(samples.end + 1, plane.width);
    std::memcpy(out + (left - samples.first), plane.row(y, left), static_cast<std::size_t>(right - left));
    if (samples.first == 0) out[-1] = out[0];
    if (samples.end == plane.width) out[samples.size()] = out[samples.size() - 1];
  }

  Workspace& work_;
  const BaselineJpeg& jpeg_;
  Region region_;
  RegionUnits units_;
  int across_, down_;  ///< luma blocks of a unit
  std::array<const HuffmanDecoder*, 3> dc_table_{}, ac_table_{};
  std::array<int, 3> dc_{};  ///< of the last block of each component
};

}  // namespace

std::optional<Image> decode_baseline_region(std::span<const std::byte> bytes, const Region& region,
                                            const JpegSegments& segments, Image& reused) {
  thread_local Workspace work;
  constexpr int kSmallest = 16, kMostPixels = 1 << 23;  // larger ones would keep too much memory in each thread
  const BaselineJpeg& jpeg = work.jpeg;
  if (!work.jpeg.read(bytes) || jpeg.height < kSmallest || jpeg.width < kSmallest) return std::nullopt;
  if (!inside(region, {jpeg.height, jpeg.width}) || region.height > kMostPixels / region.width) return std::nullopt;
  RegionDecoder decoder(work, region);
  if (!decoder.decode(segments)) return std::nullopt;
  Image image = reshaped(std::move(reused), region.height, region.width, 3);
  decoder.to_pixels(image);
  return image;
}

}  // namespace springbok::image
