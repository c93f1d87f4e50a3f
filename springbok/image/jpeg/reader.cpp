// libjpeg's decompressor over bytes in memory: its errors become `Error`, its longjmp crosses nothing of ours.
#include "springbok/image/jpeg/reader.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "springbok/base/error.h"
#include "springbok/image/codec.h"
#include "springbok/image/jpeg/opens.h"

namespace springbok::image {

JpegReader& JpegReader::of(j_common_ptr info) {
  return *static_cast<JpegReader*>(info->client_data);
}

jpeg_progress_mgr scan_limit() {
  jpeg_progress_mgr progress{};
  progress.progress_monitor = [](j_common_ptr info) {
    if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number <= kMostScans) return;
    info->err->msg_code = 0;  // none of libjpeg's own
    info->err->error_exit(info);
  };
  return progress;
}

bool all_bits_known(const jpeg_decompress_struct& info) {
  if (info.progressive_mode == 0 || info.coef_bits == nullptr) return true;
  for (int c = 0; c < info.num_components; ++c) {
    // How many low bits of each coefficient are missing; -1 for coefficients that no scan has brought.
    const int* const missing = info.coef_bits[c];
    if (!std::all_of(missing, missing + DCTSIZE2, [](int bits) { return bits == 0; })) return false;
  }
  return true;
}

void JpegReader::set_errors() {
  info_.err = jpeg_std_error(&failure_);
  failure_.error_exit = [](j_common_ptr info) {
    Failure& failure = of(info).failure_;
    failure.format_message(info, failure.text);
    std::longjmp(failure.jump, 1);
  };
  // Pixels made up after the data's end are no pixels; libjpeg's other warnings do not stop Pillow and do not stop us.
  failure_.emit_message = [](j_common_ptr info, int level) {
    const int code = info->err->msg_code;
    JpegReader& reader = of(info);
    if (level < 0 && (code == JWRN_HIT_MARKER || code == JWRN_JPEG_EOF) && reader.damage_ == Damage::refuse) {
      reader.failure_.truncated = true;
      reader.failure_.unread = reader.bytes_.size() - reader.shown_ + reader.source_.bytes_in_buffer;
      info->err->error_exit(info);
    }
  };
}

/// Pillow gives libjpeg the file in pieces, and where one ends after the last row, does not look at the rest.
bool JpegReader::next_piece() {
  constexpr std::size_t kPiece = 65536;
  const std::size_t left = bytes_.size() - shown_;
  source_.next_input_byte = reinterpret_cast<const JOCTET*>(bytes_.data()) + shown_;
  source_.bytes_in_buffer = damage_ == Damage::refuse ? left : std::min(left, kPiece);
  shown_ += source_.bytes_in_buffer;
  return source_.bytes_in_buffer > 0;
}

void JpegReader::set_source() {
  source_.init_source = [](j_decompress_ptr) {};
  source_.term_source = [](j_decompress_ptr) {};
  source_.resync_to_restart = jpeg_resync_to_restart;
  source_.fill_input_buffer = [](j_decompress_ptr info) -> boolean {
    JpegReader& reader = of(reinterpret_cast<j_common_ptr>(info));
    if (reader.finishing_ && reader.damage_ == Damage::as_pillow) return FALSE;
    if (reader.next_piece()) return TRUE;
    reader.failure_.truncated = true;
    ERREXIT(info, JERR_INPUT_EOF);
    return FALSE;
  };
  source_.skip_input_data = [](j_decompress_ptr info, long count) {
    auto left = static_cast<std::size_t>(std::max(count, 0L));
    while (left > info->src->bytes_in_buffer) {
      left -= info->src->bytes_in_buffer;
      info->src->next_input_byte += info->src->bytes_in_buffer;
      info->src->bytes_in_buffer = 0;
      if (info->src->fill_input_buffer(info) == FALSE) return;
    }
    info->src->next_input_byte += left;
    info->src->bytes_in_buffer -= left;
  };
}

JpegReader::JpegReader(std::span<const std::byte> bytes, const std::string& name, Damage damage)
    : damage_(damage), bytes_(bytes), name_(name) {
  set_errors();
  set_source();
  try {
    run([](JpegReader& reader) {
      jpeg_create_decompress(&reader.info_);
      reader.info_.client_data = &reader;
      reader.info_.src = &reader.source_;
      reader.info_.progress = &reader.progress_;
      while (jpeg_read_header(&reader.info_, FALSE) == JPEG_HEADER_TABLES_ONLY) continue;
    });
    check_header();
  } catch (...) {
    jpeg_destroy_decompress(&info_);
    throw;
  }
}

void JpegReader::check_header() const {
  check_size(height(), width(), bytes_.size(), name_);
  if (components() != 1 && components() != 3 && components() != 4) {
    fail("{}: JPEG with {} components; 1 (grey), 3 (RGB) and 4 (CMYK) are known; convert or remove it", name_,
         components());
  }
  const std::optional<OpenedJpeg> opened = open_as_pillow(bytes_);
  if (!opened || opened->size != Size{height(), width()} || opened->components != components()) {
    fail("{}: damaged JPEG (Pillow does not open its markers); replace or remove it", name_);
  }
}

JpegReader::~JpegReader() {
  jpeg_destroy_decompress(&info_);
}

void JpegReader::run(void (*step)(JpegReader&)) {
  info_.client_data = this;
  if (setjmp(failure_.jump) == 0) {
    step(*this);
  } else {
    fail_decoding();
  }
}

void JpegReader::fail_decoding() const {
  if (failure_.truncated) {
    const auto read = static_cast<std::int64_t>(bytes_.size() - failure_.unread);
    fail("{}: truncated JPEG (after {} of {} bytes); replace or remove it", name_, with_commas(read),
         with_commas(static_cast<std::int64_t>(bytes_.size())));
  }
  if (failure_.msg_code == 0) {
    fail("{}: JPEG with more than {} scans; save it again with fewer, or remove it", name_, kMostScans);
  }
  fail("{}: damaged JPEG ({}); replace or remove it", name_, failure_.text);
}

int JpegReader::start(int channels, int factor) {
  factor_ = static_cast<unsigned>(factor);
  colours_ = components() == 4 ? JCS_CMYK : components() == 1 && channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  run([](JpegReader& reader) {
    reader.info_.out_color_space = reader.colours_;
    reader.info_.dct_method = JDCT_ISLOW;
    reader.info_.scale_num = 1;
    reader.info_.scale_denom = reader.factor_;
    jpeg_start_decompress(&reader.info_);
  });
  return info_.output_components;
}

void JpegReader::crop_columns(int& left, int& width) {
  crop_left_ = static_cast<JDIMENSION>(left);
  crop_width_ = static_cast<JDIMENSION>(width);
  run([](JpegReader& reader) { jpeg_crop_scanline(&reader.info_, &reader.crop_left_, &reader.crop_width_); });
  left = static_cast<int>(crop_left_);
  width = static_cast<int>(crop_width_);
}

void JpegReader::skip_rows(int rows) {
  skipped_ = static_cast<JDIMENSION>(rows);
  run([](JpegReader& reader) { jpeg_skip_scanlines(&reader.info_, reader.skipped_); });
}

bool JpegReader::subsampled() const {
  for (int c = 0; c < info_.num_components; ++c) {
    const jpeg_component_info& component = info_.comp_info[c];
    if (component.h_samp_factor != info_.max_h_samp_factor || component.v_samp_factor != info_.max_v_samp_factor) {
      return true;
    }
  }
  return false;
}

void JpegReader::read_rows(std::uint8_t* first, std::size_t stride, int rows) {
  rows_ = {first, stride, rows};
  run([](JpegReader& reader) {
    constexpr int kAtOnce = 16;  // an iMCU row of 4:2:0
    JSAMPROW pointers[kAtOnce];
    Rows& left = reader.rows_;
    while (left.count > 0) {
      const int wanted = std::min(left.count, kAtOnce);
      for (int i = 0; i < wanted; ++i) pointers[i] = left.first + i * left.stride;
      const auto read = jpeg_read_scanlines(&reader.info_, pointers, static_cast<JDIMENSION>(wanted));
      left.first += read * left.stride;
      left.count -= static_cast<int>(read);
    }
  });
}

void JpegReader::finish() {
  finishing_ = true;
  run([](JpegReader& reader) { jpeg_finish_decompress(&reader.info_); });
}

void JpegReader::expect_end() {
  if (info_.unread_marker == JPEG_EOI || jpeg_input_complete(&info_)) return;
  constexpr std::string_view kEndOfImage = "\xFF\xD9";
  const std::string_view unread(reinterpret_cast<const char*>(source_.next_input_byte), source_.bytes_in_buffer);
  if (unread.rfind(kEndOfImage) != std::string_view::npos) return;
  failure_.truncated = true;
  failure_.unread = 0;
  fail_decoding();
}

}  // namespace springbok::image
