// Samples into batches.
#include "springbok/data/load/samples.h"

#include <algorithm>
#include <new>
#include <utility>

namespace springbok::data {
namespace {

/// The images whose size is their own come one by one.
bool has_own_size(const SampleTransform& transform) {
  const auto* pixels = std::get_if<PixelTransform>(&transform);
  return pixels != nullptr && !pixels->size();
}

/// Moves rows of `width` values.
template <class T>
void keep_rows(std::vector<T>& values, std::size_t rows, const std::map<std::int64_t, std::string>& bad) {
  if (values.empty()) return;
  const std::size_t width = values.size() / rows;
  std::size_t kept = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    if (bad.contains(static_cast<std::int64_t>(row))) continue;
    const auto from = values.begin() + static_cast<std::ptrdiff_t>(row * width);
    if (kept != row) std::copy_n(from, width, values.begin() + static_cast<std::ptrdiff_t>(kept * width));
    ++kept;
  }
  values.resize(kept * width);
}

}  // namespace

void leave_out(Batch& batch, const std::map<std::int64_t, std::string>& bad) {
  const auto rows = static_cast<std::size_t>(batch.size);
  keep_rows(batch.pixels, rows, bad);
  keep_rows(batch.targets, rows, bad);
  keep_rows(batch.indices, rows, bad);
  keep_rows(batch.labels, rows, bad);
  keep_rows(batch.masks, rows, bad);
  batch.size = std::ssize(batch.indices);
}

Samples::Samples(const Source& source, SampleTransform transform, std::int64_t batch)
    : source_(source),
      transform_(std::move(transform)),
      kind_(source.target_kind()),
      classes_(source.classes().size()) {
  const bool pixels = std::holds_alternative<PixelTransform>(transform_);
  if (pixels && kind_ != TargetKind::masks) fail_usage("loader: {} has no masks", source.description());
  if (has_own_size(transform_) && batch != 1) fail_usage("loader: images of their own size come one a batch");
  if (!pixels && preprocess_of(transform_).fit == Fit::native) {
    fail_usage("loader: fit: native images come with their masks");
  }
}

void Samples::describe(Batch& batch) const {
  const Preprocess& preprocess = preprocess_of(transform_);
  batch.channels = preprocess.channels;
  batch.height = batch.width = preprocess.size;
  const auto* pixels = std::get_if<PixelTransform>(&transform_);
  if (pixels == nullptr) return;
  const image::Size size = pixels->size().value_or(image::Size{0, 0});
  batch.height = size.height;
  batch.width = size.width;
}

/// Floats of an image.
std::size_t Samples::values(const Batch& batch) const {
  return static_cast<std::size_t>(batch.height) * batch.width * batch.channels;
}

void Samples::allocate(Batch& batch, bool with_previous) const {
  const auto count = static_cast<std::size_t>(batch.size);
  const bool masks = std::holds_alternative<PixelTransform>(transform_);
  try {
    batch.indices.resize(count);
    if (kind_ == TargetKind::classes) batch.targets.resize(count);
    if (kind_ == TargetKind::labels) batch.labels.resize(count * classes_);
    batch.pixels.resize(count * values(batch));
    if (masks) batch.masks.resize(count * static_cast<std::size_t>(batch.height) * batch.width);
    batch.previous.resize(with_previous ? values(batch) : 0);
    batch.previous_labels.resize(with_previous && kind_ == TargetKind::labels ? classes_ : 0);
  } catch (const std::exception&) {  // std::bad_alloc, or std::length_error for more than any vector holds
    fail("not enough memory for a batch of {} images of {} x {}", with_commas(batch.size), batch.width, batch.height);
  }
}

void Samples::load(Batch& batch, std::int64_t place, std::int64_t sample, const Rng& rng) const {
  try {
    if (place < batch.size) batch.indices[static_cast<std::size_t>(place)] = sample;
    if (std::holds_alternative<PixelTransform>(transform_)) {
      load_pixels(batch, place, sample, rng);
    } else {
      load_image(batch, place, sample, rng);
    }
    load_target(batch, place, sample);  // after the image: where both lie in one value, it is read once
  } catch (const std::bad_alloc&) {
    fail("{}: not enough memory to load it", name(sample));
  } catch (const std::exception& error) {
    const std::string called = name(sample), message = error.what();
    throw BadImage(message.find(called) != std::string::npos ? message : format("{}: {}", called, message));
  } catch (...) {
    throw BadImage(format("{}: its source threw what is no std::exception", name(sample)));
  }
}

void Samples::load_image(Batch& batch, std::int64_t place, std::int64_t sample, const Rng& rng) const {
  const auto& transform = std::get<Transform>(transform_);
  const int channels = batch.channels;
  float* const out = place == batch.size ? batch.previous.data()
                                         : batch.pixels.data() + static_cast<std::size_t>(place) * values(batch);
  if (const auto encoded = source_.encoded(sample, channels)) {
    transform(*encoded, rng, out);
  } else {
    transform(source_.image(sample, channels), rng, out);
  }
}

void Samples::load_pixels(Batch& batch, std::int64_t place, std::int64_t sample, const Rng& rng) const {
  const auto& transform = std::get<PixelTransform>(transform_);
  const Labelling labelling{source_.image(sample, batch.channels), source_.mask(sample)};
  if (!transform.size()) {
    batch.height = labelling.image.height;
    batch.width = labelling.image.width;
    batch.pixels.resize(values(batch));
    batch.masks.resize(labelling.mask.pixels.size());
  }
  const auto at = static_cast<std::size_t>(place);
  transform(labelling, rng, batch.pixels.data() + at * values(batch),
            batch.masks.data() + at * static_cast<std::size_t>(batch.height) * batch.width);
}

void Samples::load_target(Batch& batch, std::int64_t place, std::int64_t sample) const {
  const bool previous = place == batch.size;
  const auto at = static_cast<std::size_t>(place);
  if (kind_ == TargetKind::classes) {
    const std::int64_t target = source_.target(sample);
    if (target < -1 || target >= static_cast<std::int64_t>(classes_)) {
      fail("its class {} is none of the {} classes", target, classes_);
    }
    (previous ? batch.previous_target : batch.targets[at]) = target;
  } else if (kind_ == TargetKind::labels) {
    const std::vector<std::uint8_t> labels = source_.labels(sample);
    if (labels.size() != classes_) fail("it has {} labels, there are {} classes", labels.size(), classes_);
    std::copy(
        labels.begin(), labels.end(),
        previous ? batch.previous_labels.begin() : batch.labels.begin() + static_cast<std::ptrdiff_t>(at * classes_));
  }
}

/// A name is for messages: where the source gives none, the number is one.
std::string Samples::name(std::int64_t sample) const {
  try {
    return source_.name(sample);
  } catch (const std::exception&) {
    return format("sample {}", sample);
  }
}

}  // namespace springbok::data
