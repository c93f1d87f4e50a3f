// libjpeg's decompressor over bytes in memory: its errors become `Error`, its longjmp crosses nothing of ours.
#pragma once

#include <algorithm>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "springbok/image/libjpeg.h"
#include "springbok/image/region.h"

namespace springbok::image {

/// What to do with data that end early or lack a restart marker, for which libjpeg makes pixels up with a warning.
enum class Damage {
  refuse,     ///< an Error
  as_pillow,  ///< what Pillow does: most are read, and nothing is asked of what follows the last row
};

/// A decoder asked to read more scans than this stops: no encoder writes as many, and each costs a pass over the image.
inline constexpr int kMostScans = 100;

/// Has libjpeg end in an error at the first scan too many. To be set as `progress` of a decompressor.
jpeg_progress_mgr scan_limit();

/// Whether the scans so far gave every coefficient in full; those of progressive files need not.
bool all_bits_known(const jpeg_decompress_struct& info);

/// Reads one JPEG: header (in the constructor), `start`, rows in order, `finish`. Files that Pillow does not open are
/// an Error, as are sizes over the limits, numbers of components other than 1, 3 and 4, and more scans than kMostScans.
class JpegReader {
 public:
  JpegReader(std::span<const std::byte> bytes, const std::string& name, Damage damage = Damage::refuse);
  ~JpegReader();
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  int height() const { return static_cast<int>(info_.image_height); }
  int width() const { return static_cast<int>(info_.image_width); }
  int components() const { return info_.num_components; }
  int bits() const { return info_.data_precision; }

  /// Begins decoding, at 1 / `factor` (1, 2, 4, 8) of the size: 1 component to grey or RGB, 3 to RGB, 4 to CMYK as
  /// stored. Returns the channels of a row.
  int start(int channels, int factor = 1);
  /// After `start`: the size of what is decoded.
  Size reduced() const { return {static_cast<int>(info_.output_height), static_cast<int>(info_.output_width)}; }
  /// After `start`: rows will hold only some columns, `left` and `width` among them; sets both to what rows hold.
  void crop_columns(int& left, int& width);
  /// Passes over the next rows without decoding more of them than the rows after them need.
  void skip_rows(int rows);
  /// Whether some component has fewer samples than the image: upsampling then looks at the pixels beside.
  bool subsampled() const;
  /// The largest sampling factor: pixels that share a sample, across or down.
  int most_samples() const { return std::max(info_.max_h_samp_factor, info_.max_v_samp_factor); }
  /// After `start`: whether libjpeg smooths over coefficients that no scan has given in full. It does so from block to
  /// block, rightly only when it decodes the whole image.
  bool smooths() const { return !all_bits_known(info_); }
  /// Decodes the next `rows` rows to `first`, `first + stride`, ...
  void read_rows(std::uint8_t* first, std::size_t stride, int rows);
  /// Reads on to the end of the image, so that what is missing after the last row is noticed too.
  void finish();
  /// Instead of `finish`, when rows are left: throws unless the data not yet read hold the end of the image.
  void expect_end();

 private:
  struct Failure : jpeg_error_mgr {
    std::jmp_buf jump;
    char text[JMSG_LENGTH_MAX];
    bool truncated;
    std::size_t unread;  // bytes of the data left when they ended early
  };
  struct Rows {
    std::uint8_t* first;
    std::size_t stride;
    int count;
  };

  /// Calls `step`, which must own nothing that needs destroying; throws Error when libjpeg jumps out of it.
  void run(void (*step)(JpegReader&));
  [[noreturn]] void fail_decoding() const;
  static JpegReader& of(j_common_ptr info);
  void set_errors();
  void set_source();
  void check_header() const;
  bool next_piece();

  jpeg_decompress_struct info_{};
  jpeg_source_mgr source_{};
  jpeg_progress_mgr progress_ = scan_limit();
  Failure failure_{};
  Damage damage_;
  std::size_t shown_ = 0;  ///< bytes that libjpeg has been given
  bool finishing_ = false;
  std::span<const std::byte> bytes_;
  const std::string& name_;
  unsigned factor_ = 1;
  J_COLOR_SPACE colours_ = JCS_UNKNOWN;
  Rows rows_{};
  JDIMENSION crop_left_ = 0;
  JDIMENSION crop_width_ = 0;
  JDIMENSION skipped_ = 0;
};

}  // namespace springbok::image
