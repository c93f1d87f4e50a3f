// Pixels to JPEG, through libjpeg; its longjmp crosses nothing of ours.

#include "springbok/image/encode.h"

#include <csetjmp>
#include <cstdlib>

#include "springbok/base/error.h"
#include "springbok/image/expect.h"
#include "springbok/image/libjpeg.h"

namespace springbok::image {
namespace {

/// What one compression owns; freed by the destructor whatever libjpeg did.
struct Compression {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  std::jmp_buf jump;
  char text[JMSG_LENGTH_MAX] = {};
  unsigned char* bytes = nullptr;
  unsigned long size = 0;

  ~Compression() {
    jpeg_destroy_compress(&info);
    std::free(bytes);
  }
};

/// Owns nothing: libjpeg may jump out of it.
void compress(Compression& job, const Image& image, const JpegOptions& options) {
  jpeg_create_compress(&job.info);
  job.info.client_data = &job;
  jpeg_mem_dest(&job.info, &job.bytes, &job.size);
  job.info.image_width = static_cast<JDIMENSION>(image.width);
  job.info.image_height = static_cast<JDIMENSION>(image.height);
  job.info.input_components = image.channels;
  job.info.in_color_space = image.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&job.info);
  jpeg_set_quality(&job.info, options.quality, TRUE);
  if (image.channels == 3) {
    job.info.comp_info[0].h_samp_factor = options.chroma_width;
    job.info.comp_info[0].v_samp_factor = options.chroma_height;
  }
  if (options.progressive) jpeg_simple_progression(&job.info);
  jpeg_start_compress(&job.info, TRUE);
  while (job.info.next_scanline < job.info.image_height) {
    JSAMPROW row = const_cast<JSAMPROW>(image.row(static_cast<int>(job.info.next_scanline)));
    jpeg_write_scanlines(&job.info, &row, 1);
  }
  jpeg_finish_compress(&job.info);
}

}  // namespace

std::vector<std::byte> encode_jpeg(const Image& image, const JpegOptions& options) {
  expect_channels(image, {1, 3}, "JPEG");
  expect_between(options.quality, 1, 100, "a JPEG's quality");
  expect_between(options.chroma_width, 1, 4, "columns that share a chroma sample");
  expect_between(options.chroma_height, 1, 4, "rows that share a chroma sample");
  Compression job;
  job.info.err = jpeg_std_error(&job.errors);
  job.errors.error_exit = [](j_common_ptr info) {
    auto& failed = *static_cast<Compression*>(info->client_data);
    failed.errors.format_message(info, failed.text);
    std::longjmp(failed.jump, 1);
  };
  job.info.client_data = &job;
  if (setjmp(job.jump) != 0) {
    job.info.dest->term_destination(&job.info);  // only now `bytes` is what it has grown to
    fail("cannot encode a {} x {} JPEG: {}", image.height, image.width, job.text);
  }
  compress(job, image, options);
  const auto* first = reinterpret_cast<const std::byte*>(job.bytes);
  return {first, first + job.size};
}

}  // namespace springbok::image
