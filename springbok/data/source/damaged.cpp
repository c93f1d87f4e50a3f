// JPEGs that are damaged and read all the same.
#include "springbok/data/source/damaged.h"

#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/text.h"

namespace springbok::data {
namespace {

/// Another source's samples, listened to while they are decoded.
class AsPillow : public Source {
 public:
  AsPillow(std::unique_ptr<Source> source, Damaged& damaged) : source_(std::move(source)), damaged_(&damaged) {}

  std::int64_t size() const override { return source_->size(); }
  const std::vector<std::string>& classes() const override { return source_->classes(); }
  int channels() const override { return source_->channels(); }
  image::Image image(std::int64_t index, int channels) const override {
    const auto found = encoded(index, channels);
    return found ? found->whole() : source_->image(index, channels);
  }
  std::optional<image::Encoded> encoded(std::int64_t index, int channels) const override {
    auto found = source_->encoded(index, channels);
    if (found) found->on_damage([this, index](const std::string&) { damaged_->add(source_->name(index)); });
    return found;
  }
  void expect(std::int64_t index) const override { source_->expect(index); }
  void check_stored(std::int64_t index) const override { source_->check_stored(index); }
  std::string stamp(std::int64_t index) const override { return source_->stamp(index); }
  TargetKind target_kind() const override { return source_->target_kind(); }
  std::int64_t target(std::int64_t index) const override { return source_->target(index); }
  std::vector<std::uint8_t> labels(std::int64_t index) const override { return source_->labels(index); }
  image::Image mask(std::int64_t index) const override { return source_->mask(index); }
  std::span<const std::int64_t> shards() const override { return source_->shards(); }
  std::int64_t shuffle_buffer() const override { return source_->shuffle_buffer(); }
  std::string name(std::int64_t index) const override { return source_->name(index); }
  std::string description() const override { return source_->description(); }
  std::string digest() const override { return source_->digest(); }
  std::vector<std::string> warnings() const override { return source_->warnings(); }

 private:
  std::unique_ptr<Source> source_;
  Damaged* damaged_;
};

}  // namespace

void Damaged::add(const std::string& name) {
  const std::lock_guard lock(mutex_);
  names_.insert(name);
}

std::int64_t Damaged::count() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::int64_t>(names_.size());
}

bool Damaged::has(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  return names_.contains(name);
}

std::string Damaged::text() const {
  const std::lock_guard lock(mutex_);
  if (names_.empty()) return "";
  const bool one = names_.size() == 1;
  return format("{} damaged JPEG{} read as Pillow reads {} ({})", with_commas(static_cast<std::int64_t>(names_.size())),
                one ? " was" : "s were", one ? "it" : "them", join_first({names_.begin(), names_.end()}));
}

std::unique_ptr<Source> with_damaged(std::unique_ptr<Source> source, DamagedJpeg rule, Damaged& damaged) {
  if (rule == DamagedJpeg::refuse) return source;
  return std::make_unique<AsPillow>(std::move(source), damaged);
}

}  // namespace springbok::data
