// TensorFlow's event files, written with protozero: fields as in tensorflow/core/util/event.proto and summary.proto.
#include "springbok/run/event_file.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <protozero/pbf_writer.hpp>
#include <utility>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/overload.h"

namespace springbok::run {
namespace {

namespace fs = std::filesystem;

enum EventField : protozero::pbf_tag_type { kWallTime = 1, kStep = 2, kFileVersion = 3, kSummary = 5, kSession = 7 };
constexpr protozero::pbf_tag_type kSummaryValue = 1, kTag = 1, kSimpleValue = 2, kSessionStatus = 1;
constexpr std::int32_t kSessionStart = 1;
constexpr const char* kPrefix = "events.out.tfevents.";

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

std::int64_t unix_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// Readers take the files in order of their names: a later one needs a later second.
std::int64_t next_second(const fs::path& folder) {
  std::int64_t seconds = unix_seconds();
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kPrefix)) continue;
    const std::int64_t theirs = std::atoll(name.c_str() + std::strlen(kPrefix));
    seconds = std::max(seconds, theirs + 1);
  }
  return seconds;
}

/// An event at a step, with what `fill` adds.
template <class Fill>
std::string event(std::int64_t step, Fill fill) {
  std::string message;
  protozero::pbf_writer writer(message);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  writer.add_double(kWallTime, std::chrono::duration<double>(now).count());
  writer.add_int64(kStep, step);
  fill(writer);
  return message;
}

using Scalars = std::vector<std::pair<std::string, double>>;

std::string summary(std::int64_t step, const Scalars& scalars) {
  return event(step, [&](protozero::pbf_writer& writer) {
    protozero::pbf_writer summary(writer, kSummary);
    for (const auto& [tag, number] : scalars) {
      protozero::pbf_writer value(summary, kSummaryValue);
      value.add_string(kTag, tag);
      value.add_float(kSimpleValue, static_cast<float>(number));
    }
  });
}

Scalars scalars_of(const StepLine& line) {
  Scalars scalars{{"step/loss", line.loss}, {"step/lr", line.lr}, {"step/images_s", line.images_per_second}};
  if (line.gradient_norm) scalars.emplace_back("step/gradient_norm", *line.gradient_norm);
  return scalars;
}

Scalars scalars_of(const EpochLine& line) {
  Scalars scalars;
  for (const metrics::Metric& metric : line.train) scalars.emplace_back("train/" + metric.key, metric.value);
  for (const metrics::Metric& metric : line.val) scalars.emplace_back("val/" + metric.key, metric.value);
  scalars.emplace_back("epoch/images_s", line.images_per_second);
  scalars.emplace_back("epoch/eval_s", line.eval_seconds);
  return scalars;
}

/// A number as it lies in the file, least byte first.
template <class Number>
std::string little_endian(Number number) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof number; ++i) bytes += static_cast<char>(number >> (8 * i) & 0xFF);
  return bytes;
}

constexpr std::array<std::uint32_t, 256> crc_table() {
  constexpr std::uint32_t kReversed = 0x82F63B78;  // of Castagnoli's polynomial
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    table[byte] = byte;
    for (int bit = 0; bit < 8; ++bit) table[byte] = table[byte] >> 1 ^ (table[byte] & 1 ? kReversed : 0);
  }
  return table;
}

}  // namespace

std::uint32_t masked_crc32c(std::string_view bytes) {
  static constexpr std::array kTable = crc_table();
  std::uint32_t crc = ~0U;
  for (const char byte : bytes) crc = crc >> 8 ^ kTable[(crc ^ static_cast<unsigned char>(byte)) & 0xFF];
  crc = ~crc;
  return (crc >> 15 | crc << 17) + 0xA282EAD8;
}

EventFile::EventFile(const fs::path& folder, std::int64_t step) {
  make_folder(folder);
  path_ = folder / format("{}{:010}.{}.{}", kPrefix, next_second(folder), host_name(), ::getpid());
  file_.reset(std::fopen(path_.c_str(), "wbx"));
  if (!file_) fail("{}: cannot be written: {}", path_.string(), std::strerror(errno));
  record(event(0, [](protozero::pbf_writer& writer) { writer.add_string(kFileVersion, "brain.Event:2"); }));
  record(
      event(step + 1, [](protozero::pbf_writer& writer) {  // readers forget what they have of this step and later ones
        protozero::pbf_writer session(writer, kSession);
        session.add_enum(kSessionStatus, kSessionStart);
      }));
}

void EventFile::record(std::string_view message) {
  const std::string size = little_endian<std::uint64_t>(message.size());
  const std::string bytes =
      size + little_endian(masked_crc32c(size)) + std::string(message) + little_endian(masked_crc32c(message));
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size() || std::fflush(file_.get()) != 0) {
    fail("{}: cannot be written: {}", path_.string(), std::strerror(errno));
  }
}

void EventFile::write(const Line& line) {
  std::visit(Overload{[&](const StepLine& step) { record(summary(step.step, scalars_of(step))); },
                      [&](const EpochLine& epoch) { record(summary(epoch.step, scalars_of(epoch))); },
                      [](const EventLine&) {}},
             line);
}

}  // namespace springbok::run
