// Coding a JPEG's coefficients anew, through libjpeg; its longjmp crosses nothing of ours.
#include "springbok/image/jpeg/pack.h"

#include <algorithm>
#include <csetjmp>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "springbok/base/error.h"
#include "springbok/image/decode.h"
#include "springbok/image/jpeg/reader.h"

namespace springbok::image {
namespace {

/// What one transcoding owns; freed by the destructor whatever libjpeg did.
struct Transcoding {
  jpeg_decompress_struct from{};
  jpeg_compress_struct to{};
  jpeg_error_mgr errors{};
  jpeg_progress_mgr limit = scan_limit();
  std::jmp_buf jump;
  char text[JMSG_LENGTH_MAX] = {};
  unsigned char* bytes = nullptr;
  unsigned long size = 0;

  ~Transcoding() {
    jpeg_destroy_compress(&to);
    jpeg_destroy_decompress(&from);
    std::free(bytes);
  }
};

void copy_markers(Transcoding& job) {
  constexpr int kApp0 = JPEG_APP0, kApp14 = JPEG_APP0 + 14;
  for (jpeg_saved_marker_ptr marker = job.from.marker_list; marker != nullptr; marker = marker->next) {
    const bool jfif = marker->marker == kApp0 && marker->data_length >= 5 && std::memcmp(marker->data, "JFIF", 5) == 0;
    const bool adobe =
        marker->marker == kApp14 && marker->data_length >= 5 && std::memcmp(marker->data, "Adobe", 5) == 0;
    if ((jfif && job.to.write_JFIF_header) || (adobe && job.to.write_Adobe_marker)) continue;  // written already
    jpeg_write_marker(&job.to, marker->marker, marker->data, marker->data_length);
  }
}

/// Owns nothing: libjpeg may jump out of it.
void transcode(Transcoding& job, std::span<const std::byte> bytes, int restart_every) {
  jpeg_create_decompress(&job.from);
  jpeg_create_compress(&job.to);
  job.from.progress = &job.limit;
  job.from.client_data = job.to.client_data = &job;
  jpeg_mem_src(&job.from, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  constexpr unsigned kWholeMarker = 0xFFFF;
  jpeg_save_markers(&job.from, JPEG_COM, kWholeMarker);
  for (int app = 0; app < 16; ++app) jpeg_save_markers(&job.from, JPEG_APP0 + app, kWholeMarker);
  jpeg_read_header(&job.from, TRUE);
  jvirt_barray_ptr* const coefficients = jpeg_read_coefficients(&job.from);
  if (!all_bits_known(job.from)) job.errors.error_exit(reinterpret_cast<j_common_ptr>(&job.from));
  jpeg_copy_critical_parameters(&job.from, &job.to);
  job.to.optimize_coding = TRUE;
  job.to.restart_interval = static_cast<unsigned>(restart_every);
  jpeg_mem_dest(&job.to, &job.bytes, &job.size);
  jpeg_write_coefficients(&job.to, coefficients);
  copy_markers(job);
  jpeg_finish_compress(&job.to);
  jpeg_finish_decompress(&job.from);
}

/// The file coded anew, or nothing with libjpeg's reason in `text`.
std::optional<std::vector<std::byte>> transcoded(std::span<const std::byte> bytes, int restart_every,
                                                 std::string* text = nullptr) {
  Transcoding job;
  job.from.err = job.to.err = jpeg_std_error(&job.errors);
  job.errors.error_exit = [](j_common_ptr info) {
    auto& failed = *static_cast<Transcoding*>(info->client_data);
    failed.errors.format_message(info, failed.text);
    std::longjmp(failed.jump, 1);
  };
  job.errors.emit_message = [](j_common_ptr, int) {};  // what is wrong with the source, `decode` says
  job.from.client_data = job.to.client_data = &job;
  if (setjmp(job.jump) != 0) {
    if (job.to.dest != nullptr) job.to.dest->term_destination(&job.to);  // only now `bytes` is what it has grown to
    if (text != nullptr) *text = job.text;
    return std::nullopt;
  }
  transcode(job, bytes, restart_every);
  const auto* first = reinterpret_cast<const std::byte*>(job.bytes);
  return std::vector<std::byte>(first, first + job.size);
}

/// Units of a segment: near 4, which costs 2 % of the file's size against none and is fast, and so many that rows hold
/// a whole number of segments.
int segment_units(int per_row) {
  for (const int units : {4, 5, 3, 6, 2, 7, 8}) {
    if (per_row % units == 0) return units;
  }
  return 1;
}

/// The lengths of the segments of one scan, which begins at `at`; nothing when one is too long for 16 bits.
std::optional<std::vector<std::byte>> segment_lengths(std::span<const std::byte> bytes, std::size_t at) {
  constexpr int kFirstRestart = 0xD0, kEndOfImage = 0xD9;
  std::vector<std::byte> lengths;
  std::size_t first = at;
  while (at + 1 < bytes.size()) {
    const auto* const mark = static_cast<const std::byte*>(std::memchr(bytes.data() + at, 0xFF, bytes.size() - at - 1));
    if (mark == nullptr) return std::nullopt;
    at = static_cast<std::size_t>(mark - bytes.data()) + 2;
    const int marker = std::to_integer<int>(mark[1]);
    if (marker < kFirstRestart || marker > kEndOfImage) continue;  // a stuffed zero
    const std::size_t length = at - first;
    if (length > std::numeric_limits<std::uint16_t>::max()) return std::nullopt;
    lengths.push_back(static_cast<std::byte>(length & 255));
    lengths.push_back(static_cast<std::byte>(length >> 8));
    first = at;
    if (marker == kEndOfImage) return lengths;
  }
  return std::nullopt;
}

bool same_pixels(std::span<const std::byte> a, std::span<const std::byte> b, const std::string& name) {
  constexpr int kColour = 3;
  return decode(a, kColour, name).pixels == decode(b, kColour, name).pixels;
}

bool is_damaged(std::span<const std::byte> bytes, const std::string& name, const OnDamage& damaged) {
  bool found = false;
  decode(bytes, 3, name, [&](const std::string& reason) {
    found = true;
    damaged(reason);
  });
  return found;
}

}  // namespace

std::optional<PackedJpeg> pack_jpeg(std::span<const std::byte> bytes, const std::string& name,
                                    const OnDamage& damaged) {
  if (damaged && is_damaged(bytes, name, damaged)) return std::nullopt;
  const std::optional<JpegLayout> source = jpeg_layout(bytes);
  if (!source || probe(bytes, name).format != Format::jpeg) return std::nullopt;
  PackedJpeg packed;
  packed.units = segment_units(source->per_row);
  auto coded = transcoded(bytes, packed.units);
  const std::optional<JpegLayout> layout = coded ? jpeg_layout(*coded) : std::nullopt;
  if (layout) {
    auto lengths = segment_lengths(*coded, layout->data_at);
    const int segments = layout->per_row / packed.units * layout->rows;
    if (lengths && lengths->size() == 2 * static_cast<std::size_t>(segments) && same_pixels(bytes, *coded, name)) {
      packed.bytes = std::move(*coded);
      packed.lengths = std::move(*lengths);
      return packed;
    }
  }
  decode(bytes, 3, name);  // throws when the source is what is wrong
  return std::nullopt;
}

std::vector<std::byte> unpack_jpeg(std::span<const std::byte> bytes, const std::string& name) {
  std::string reason;
  auto coded = transcoded(bytes, 0, &reason);
  if (!coded) fail("{}: cannot be coded anew: {}", name, reason);
  return std::move(*coded);
}

}  // namespace springbok::image
