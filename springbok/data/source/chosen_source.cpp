// Samples of another source: all with names fit to be shown, the first so many, all several times, those that can be
// loaded.
#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/quote.h"
#include "springbok/base/threads.h"
#include "springbok/data/source/digest.h"
#include "springbok/data/source/printable_names.h"
#include "springbok/data/source/source.h"

namespace springbok::data {
namespace {

/// Samples of another source: `at` says which.
class Chosen : public Source {
 public:
  Chosen(std::shared_ptr<const Source> source, std::int64_t size) : source_(std::move(source)), size_(size) {}

  std::int64_t size() const override { return size_; }
  const std::vector<std::string>& classes() const override { return source_->classes(); }
  int channels() const override { return source_->channels(); }
  image::Image image(std::int64_t index, int channels) const override { return source_->image(at(index), channels); }
  std::optional<image::Encoded> encoded(std::int64_t index, int channels) const override {
    return source_->encoded(at(index), channels);
  }
  void expect(std::int64_t index) const override { source_->expect(at(index)); }
  void check_stored(std::int64_t index) const override { source_->check_stored(at(index)); }
  std::string stamp(std::int64_t index) const override { return source_->stamp(at(index)); }
  TargetKind target_kind() const override { return source_->target_kind(); }
  std::int64_t target(std::int64_t index) const override { return source_->target(at(index)); }
  std::vector<std::uint8_t> labels(std::int64_t index) const override { return source_->labels(at(index)); }
  image::Image mask(std::int64_t index) const override { return source_->mask(at(index)); }
  std::string name(std::int64_t index) const override { return source_->name(at(index)); }
  std::vector<std::string> warnings() const override { return source_->warnings(); }
  std::string digest() const override {
    Digest digest;
    digest.add(source_->digest());
    digest.add(std::to_string(size_));
    add_choice(digest);
    return digest.hex();
  }

 protected:
  virtual std::int64_t chosen(std::int64_t index) const = 0;
  /// What tells this choice from others of the same size.
  virtual void add_choice(Digest& /*digest*/) const {}
  const Source& source() const { return *source_; }

 private:
  std::int64_t at(std::int64_t index) const {
    if (index < 0 || index >= size_) fail("there is no sample {} among {} ({})", index, size_, description());
    return chosen(index);
  }

  std::shared_ptr<const Source> source_;
  std::int64_t size_;
};

/// All samples, under names that can be shown.
class PrintableNames : public Chosen {
 public:
  PrintableNames(std::unique_ptr<Source> source, std::int64_t size, std::vector<std::string> classes)
      : Chosen(std::move(source), size), classes_(std::move(classes)) {}
  const std::vector<std::string>& classes() const override { return classes_; }
  std::string name(std::int64_t index) const override { return printable(source().name(index)); }
  std::span<const std::int64_t> shards() const override { return source().shards(); }
  std::int64_t shuffle_buffer() const override { return source().shuffle_buffer(); }
  std::string description() const override { return one_line(source().description()); }
  std::vector<std::string> warnings() const override {
    std::vector<std::string> told = source().warnings();
    for (std::string& each : told) each = one_line(each);
    return told;
  }
  std::string digest() const override { return source().digest(); }

 private:
  std::int64_t chosen(std::int64_t index) const override { return index; }

  std::vector<std::string> classes_;
};

/// Samples spread evenly over another source.
class Limited : public Chosen {
 public:
  using Chosen::Chosen;
  std::string description() const override {
    return format("{}, limited to {}", source().description(), with_commas(size()));
  }

 private:
  std::int64_t chosen(std::int64_t index) const override {
    // floor(index * size / limit) without the product, which may not fit
    const std::int64_t whole = source().size() / size(), rest = source().size() % size();
    return index * whole + index * rest / size();
  }
};

/// Every so many blocks of another source's samples, which somebody else keeps.
class Blocks : public Chosen {
 public:
  Blocks(const Source& source, const Part& part)
      : Chosen(std::shared_ptr<const Source>(std::shared_ptr<const Source>(), &source), part.size(source.size())),
        part_(part) {}
  std::string description() const override {
    return format("{}, those of rank {} of {}", source().description(), part_.rank, part_.ranks);
  }

 private:
  std::int64_t chosen(std::int64_t index) const override { return part_.at(index); }
  void add_choice(Digest& digest) const override { digest.add(format("{}/{}", part_.rank, part_.block)); }

  Part part_;
};

class Repeated : public Chosen {
 public:
  using Chosen::Chosen;
  std::string description() const override {
    return format("{}, {} times", source().description(), with_commas(size() / source().size()));
  }

 private:
  std::int64_t chosen(std::int64_t index) const override { return index % source().size(); }
};

/// What is left of another source.
class Kept : public Chosen {
 public:
  Kept(std::unique_ptr<Source> source, std::vector<std::int64_t> kept, std::string note)
      : Chosen(std::move(source), static_cast<std::int64_t>(kept.size())),
        kept_(std::move(kept)),
        note_(std::move(note)) {}
  std::string description() const override { return format("{}, {}", source().description(), note_); }

 private:
  std::int64_t chosen(std::int64_t index) const override { return kept_[static_cast<std::size_t>(index)]; }
  void add_choice(Digest& digest) const override { digest.add(std::as_bytes(std::span(kept_))); }

  std::vector<std::int64_t> kept_;
  std::string note_;
};

/// The first 64 bits of the name's SHA-256, as a fraction of 2^64.
double place_of(const std::string& name) {
  const std::string digest = sha256(std::as_bytes(std::span(name)));
  std::uint64_t first = 0;
  std::from_chars(digest.data(), digest.data() + 16, first, 16);
  return static_cast<double>(first) / 18446744073709551616.0;
}

/// Why the image cannot be loaded; nothing when it can.
std::optional<std::string> why_not(const Source& source, std::int64_t index) {
  try {
    source.image(index, source.channels());
    if (source.target_kind() == TargetKind::masks) source.mask(index);
    return std::nullopt;
  } catch (const Error& error) {
    const std::string name = source.name(index), message = error.what();
    return message.find(name) != std::string::npos ? message : format("{}: {}", name, message);
  }
}

}  // namespace

std::unique_ptr<Source> printable_names(std::unique_ptr<Source> source) {
  std::vector<std::string> classes;
  std::set<std::string_view> seen;
  bool changed = false;
  for (const std::string& name : source->classes()) {
    classes.push_back(printable(name));
    changed = changed || classes.back() != name;
  }
  for (const std::string& name : classes) {
    if (changed && !seen.insert(name).second) {
      fail("{}: two classes are called '{}' where names are shown; rename one", source->description(), name);
    }
  }
  const std::int64_t size = source->size();
  return std::make_unique<PrintableNames>(std::move(source), size, std::move(classes));
}

std::unique_ptr<Source> limited(std::unique_ptr<Source> source, std::int64_t limit) {
  if (limit < 0) fail_usage("a limit of samples is 0 (all) or more, got {}", limit);
  if (limit == 0 || limit >= source->size()) return source;
  return std::make_unique<Limited>(std::move(source), limit);
}

std::int64_t Part::size(std::int64_t samples) const {
  const std::int64_t round = block * ranks, left = samples % round - rank * block;
  return samples / round * block + std::clamp<std::int64_t>(left, 0, block);
}

std::unique_ptr<Source> part_of(const Source& source, const Part& part) {
  check(part.ranks > 0 && part.rank >= 0 && part.rank < part.ranks && part.block > 0, "a rank is one of the ranks");
  return std::make_unique<Blocks>(source, part);
}

std::unique_ptr<Source> repeated(std::unique_ptr<Source> source, std::int64_t times) {
  if (source->size() < 1) fail("no images to repeat ({})", source->description());
  if (times < 1 || times > std::numeric_limits<std::int64_t>::max() / source->size()) {
    fail_usage("a source is repeated once or more, not {} times", times);
  }
  const std::int64_t size = times * source->size();
  return std::make_unique<Repeated>(std::move(source), size);
}

std::unique_ptr<Source> loadable(std::unique_ptr<Source> source, int threads,
                                 const std::function<void(const std::string&)>& left_out,
                                 const std::function<void(std::int64_t)>& done) {
  const auto size = static_cast<std::size_t>(source->size());
  std::vector<std::optional<std::string>> reasons(size);
  std::atomic<std::int64_t> finished = 0;
  parallel_for(size, threads, [&](std::size_t i) {
    reasons[i] = why_not(*source, static_cast<std::int64_t>(i));
    if (done) done(++finished);
  });
  std::vector<std::int64_t> kept;
  for (std::size_t i = 0; i < size; ++i) {
    if (!reasons[i]) kept.push_back(static_cast<std::int64_t>(i));
    if (reasons[i]) left_out(*reasons[i]);
  }
  if (kept.size() == size) return source;
  if (kept.empty()) fail("{}: none of its images can be loaded", source->description());
  std::string note = format("{} left out", with_commas(source->size() - static_cast<std::int64_t>(kept.size())));
  return std::make_unique<Kept>(std::move(source), std::move(kept), std::move(note));
}

std::unique_ptr<Source> held_out(std::unique_ptr<Source> source, double share, bool validation) {
  std::vector<std::int64_t> kept;
  for (std::int64_t i = 0; i < source->size(); ++i) {
    if ((place_of(source->name(i)) < share) == validation) kept.push_back(i);
  }
  const auto count = static_cast<std::int64_t>(kept.size());
  const std::int64_t held = validation ? count : source->size() - count;
  if (held == 0 || held == source->size()) {
    fail_usage("--val-share: {} holds out {} of {} images ({}); give another share", share, with_commas(held),
               with_commas(source->size()), source->description());
  }
  std::string note =
      validation ? format("of which the {} held out by the hash of their names (share {})", with_commas(held), share)
                 : format("without {} held out by the hash of their names (share {})", with_commas(held), share);
  return std::make_unique<Kept>(std::move(source), std::move(kept), std::move(note));
}

}  // namespace springbok::data
