// Putting the members of a shard together to samples.
#include "springbok/data/shards/shard_scan.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/json.h"
#include "springbok/base/quote.h"
#include "springbok/data/shards/shard_names.h"

namespace springbok::data {
namespace {

constexpr std::array<std::string_view, 4> kImageOrder{"jpg", "jpeg", "png", "webp"};  // then others, as they come

/// A member's name taken apart.
struct Name {
  std::string key, ending;  ///< `dir/0001` and `jpg`, the ending in lower case; both empty where there is no sample
  std::string base;         ///< without folders
  std::string whole;        ///< without `./` before it
};

/// Whether the ending has a dot in it.
bool has_two_parts(const std::string& base) {
  return base.ends_with(".cls.txt") || base.ends_with(".mask.png") || base.ends_with(".labels.txt");
}

Name split_name(const std::string& name, NameRule rule) {
  Name made;
  made.whole = name;
  while (made.whole.starts_with("./")) made.whole.erase(0, 2);
  const std::size_t begin = made.whole.rfind('/') + 1;  // 0 where there is none
  made.base = made.whole.substr(begin);
  std::size_t dot = rule == NameRule::first_dot ? made.base.find('.') : made.base.rfind('.');
  if (dot == 0 || dot == std::string::npos) return made;
  if (rule == NameRule::last_dot && has_two_parts(lower_case(made.base))) dot = made.base.rfind('.', dot - 1);
  if (dot == 0) return made;
  made.key = made.whole.substr(0, begin + dot);
  made.ending = lower_case(made.base.substr(dot + 1));
  return made;
}

std::string base_name(const std::string& name) {
  return name.substr(name.rfind('/') + 1);
}

/// What macOS and WebDataset put beside the samples; nothing for any other name.
std::string kind_of_resource(const Name& name) {
  if (name.base.starts_with("._") || ("/" + name.whole).find("/__MACOSX/") != std::string::npos) {
    return "resource files of macOS";
  }
  const std::string top = name.whole.substr(0, name.whole.find('/'));
  return top.size() > 4 && top.starts_with("__") && top.ends_with("__") ? "__meta__ files" : "";
}

/// `v2.0001.jpg` -> `jpg`.
std::string last_part(const std::string& ending) {
  return ending.substr(ending.rfind('.') + 1);
}

bool is_image_ending(const std::string& ending) {
  return ending.find('.') == std::string::npos && is_image_name("." + ending);
}

std::size_t image_rank(const std::string& ending) {
  return static_cast<std::size_t>(std::find(kImageOrder.begin(), kImageOrder.end(), ending) - kImageOrder.begin());
}

std::optional<std::uint8_t> label_rank(const std::string& ending) {
  const auto* const found = std::find(kLabelEndings.begin(), kLabelEndings.end(), ending);
  if (found == kLabelEndings.end()) return std::nullopt;
  return static_cast<std::uint8_t>(found - kLabelEndings.begin());
}

/// Without blanks around it, nor a byte order mark.
std::string trimmed(std::string text) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (text.starts_with(kMark)) text.erase(0, kMark.size());
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

/// A class in a JSON text: a whole number or a name.
std::optional<std::string> json_label(const nlohmann::ordered_json& value) {
  constexpr double kMostWhole = 1 << 30;
  if (value.is_number_integer()) return value.dump();
  if (value.is_number_float() && std::abs(value.get<double>()) < kMostWhole &&
      std::trunc(value.get<double>()) == value.get<double>()) {
    return std::to_string(value.get<std::int64_t>());
  }
  if (value.is_string()) return trimmed(value.get<std::string>());
  return std::nullopt;
}

/// The labels of a JSON text, the one that counts first.
std::vector<std::string> json_labels(const std::string& text) {
  std::vector<std::string> labels;
  const nlohmann::ordered_json json = parse_json(trimmed(text));
  if (!json.is_object()) {
    if (auto label = json_label(json)) labels.push_back(*std::move(label));
    return labels;
  }
  for (const std::string_view key : {"label", "cls", "class", "class_name"}) {
    const auto found = json.find(key);
    if (found == json.end() || (!labels.empty() && key != "cls")) continue;  // a class's name beside its number
    if (auto label = json_label(*found)) labels.push_back(*std::move(label));
  }
  return labels;
}

/// The list `labels` of a JSON text, one a line; nothing where there is none.
std::optional<std::string> json_label_list(const std::string& text) {
  const nlohmann::ordered_json json = parse_json(trimmed(text));
  const auto list = json.is_object() ? json.find("labels") : json.end();
  if (list == json.end() || !list->is_array()) return std::nullopt;
  std::string lines;
  for (const auto& each : *list) {
    const std::optional<std::string> label = json_label(each);
    if (!label || label->empty() || label->find('\n') != std::string::npos) return std::nullopt;
    lines += *label + "\n";
  }
  return lines;
}

class Scan {
 public:
  Scan(const ShardFiles& files, std::size_t shard, NameRule rule)
      : shard_(files.name(shard)), rule_(rule), reader_(at(files, shard)) {}

  ShardSamples samples() {
    while (const auto member = reader_.next()) take(*member);
    for (Sample& sample : samples_) finish(sample);
    for (const auto& [kind, count] : reader_.skipped()) found_.left_out.add(kind, count);
    return std::move(found_);
  }

 private:
  struct Label {
    std::uint8_t ending = 0;  ///< in kLabelEndings
    std::string text;
  };
  struct Sample {
    std::string key;
    std::optional<TarReader::Member> image;
    std::size_t image_rank = 0;
    std::vector<Label> labels;
    std::optional<TarReader::Member> mask;
    std::optional<Label> label_list;  ///< in place of a class: lines
    std::vector<std::string> dotted;  ///< images and labels with more dots before their ending
    bool has_json = false;
  };

  static TarReader at(const ShardFiles& files, std::size_t shard) {
    const auto read = [&files, shard](std::uint64_t offset, std::span<std::byte> room) {
      files.peek(shard, offset, room);
    };
    return {read, files.size(shard), files.name(shard)};
  }

  void take(const TarReader::Member& member) {
    const Name name = split_name(member.name, rule_);
    if (name.base.empty()) return;  // a folder of the oldest tars
    if (const std::string kind = kind_of_resource(name); !kind.empty()) return found_.left_out.add(kind, 1);
    if (!names_.insert(name.key.empty() ? name.whole : name.key + "." + name.ending).second) {
      fail("{}/{}: is in the shard twice; a later member would replace the earlier one: make the shard anew", shard_,
           member.name);
    }
    const std::string last = last_part(name.ending);
    const bool label = label_rank(name.ending).has_value(), image = is_image_ending(name.ending);
    const bool mask = name.ending == "mask.png", labels = name.ending == "labels.txt";
    const bool dotted = !label && !image && !mask && !labels && (is_image_ending(last) || label_rank(last));
    if (!label && !image && !mask && !labels && !dotted) return found_.left_out.add(name.base);
    Sample& sample = sample_of(name.key);
    if (mask) {
      sample.mask = member;
      return;
    }
    if (labels) {
      sample.label_list = Label{kLabelsText, reader_.text_of(member)};
      return;
    }
    if (label) return take_label(member, name, sample);
    if (dotted) return sample.dotted.push_back(member.name);
    note_dots(name, member);
    const std::size_t rank = image_rank(name.ending);
    if (sample.image) found_.left_out.add(rank < sample.image_rank ? base_name(sample.image->name) : name.base);
    if (sample.image && rank >= sample.image_rank) return;
    sample.image = member;
    sample.image_rank = rank;
  }

  void note_dots(const Name& name, const TarReader::Member& member) {
    const std::size_t dot = name.base.find('.');
    if (found_.dotted.empty() && dot != name.base.rfind('.')) found_.dotted = shown(member.name);
  }

  Sample& sample_of(const std::string& key) {
    const auto [place, is_new] = index_.try_emplace(key, samples_.size());
    if (is_new) samples_.push_back({.key = key, .image = {}, .labels = {}, .mask = {}, .label_list = {}, .dotted = {}});
    return samples_[place->second];
  }

  void take_label(const TarReader::Member& member, const Name& name, Sample& sample) {
    constexpr std::uint64_t kMostText = 1 << 20;
    const std::uint8_t ending = *label_rank(name.ending);
    sample.has_json |= name.ending == "json";
    const bool may_be_other = name.ending == "json" || ending == kTextEnding;
    if (may_be_other && member.size > kMostText) return found_.left_out.add(name.base);
    std::string text = reader_.text_of(member);
    if (name.ending != "json") return sample.labels.push_back({ending, trimmed(std::move(text))});
    const std::vector<std::string> labels = json_labels(text);
    if (auto list = json_label_list(text); list && labels.empty() && !sample.label_list) {
      sample.label_list = Label{kLabelsJson, *std::move(list)};
      return;
    }
    if (labels.empty()) found_.left_out.add(name.base);
    for (const std::string& each : labels) sample.labels.push_back({ending, each});
  }

  std::string shown(const std::string& name) const { return format("{}/{}", shard_, printable(name)); }

  void note_problem(std::string message) {
    if (found_.problem.empty()) found_.problem = std::move(message);
  }

  /// Members whose names have dots before their endings: parts of the sample, such as `0001.seg.png`, unless there is
  /// no other image or they make a sample of their own.
  void finish_dotted(const Sample& sample) {
    std::unordered_set<std::string> labelled;
    for (const std::string& name : sample.dotted) {
      found_.left_out.add(base_name(name));
      if (label_rank(lower_case(last_part(name)))) labelled.insert(name.substr(0, name.rfind('.')));
    }
    for (const std::string& name : sample.dotted) {
      if (!is_image_ending(lower_case(last_part(name)))) continue;
      if (found_.dotted.empty()) found_.dotted = shown(name);
      const bool own = labelled.contains(name.substr(0, name.rfind('.')));
      const bool without_image = !sample.image && sample.labels.empty();
      if (found_.unfit.empty() && (own || without_image)) found_.unfit = shown(name);
    }
  }

  void finish(Sample& sample) {
    std::stable_sort(sample.labels.begin(), sample.labels.end(),
                     [](const Label& a, const Label& b) { return a.ending < b.ending; });
    finish_dotted(sample);
    if (!sample.image) return finish_without_image(sample);
    if (sample.labels.empty() && (sample.mask || sample.label_list)) return finish_target(sample);
    leave_targets_out(sample);
    if (sample.labels.empty()) {
      return note_problem(format("{}: has no class; expected {}.cls beside it{}", shown(sample.image->name),
                                 printable(sample.key),
                                 sample.has_json ? ", or 'label', 'cls', 'class' or 'class_name' in its json" : ""));
    }
    const Label& label = sample.labels.front();
    constexpr std::size_t kMostLabel = 1000;
    if (label.text.empty() || label.text.size() > kMostLabel) {
      return note_problem(format("{}: its .{} holds no class: it has {} bytes without blanks, a class has 1 to {}",
                                 shown(sample.image->name), kLabelEndings.at(label.ending),
                                 with_commas(static_cast<std::int64_t>(label.text.size())), with_commas(kMostLabel)));
    }
    note_disagreement(sample);
    found_.images.push_back(*std::move(sample.image));
    found_.labels.push_back(label.text);
    found_.label_endings.push_back(label.ending);
  }

  /// What a class wins over.
  void leave_targets_out(const Sample& sample) {
    if (sample.mask) found_.left_out.add(base_name(sample.mask->name));
    if (sample.label_list) found_.left_out.add(format("{}.{}", sample.key, target_ending(sample.label_list->ending)));
  }

  /// A sample with a mask or labels, and no class.
  void finish_target(Sample& sample) {
    if (sample.mask && sample.label_list) {
      return note_problem(format("{}: has a mask and labels, and no class to choose by; leave one of them out",
                                 shown(sample.image->name)));
    }
    found_.images.push_back(*std::move(sample.image));
    found_.labels.push_back(sample.label_list ? std::move(sample.label_list->text) : "");
    found_.label_endings.push_back(sample.label_list ? sample.label_list->ending : kMask);
    if (sample.mask) found_.masks.push_back(*std::move(sample.mask));
  }

  void finish_without_image(const Sample& sample) {
    leave_targets_out(sample);
    if (sample.labels.empty()) return;
    const std::uint8_t ending = sample.labels.front().ending;
    const std::string name = format("{}.{}", sample.key, kLabelEndings.at(ending));
    if (ending == kTextEnding) {
      found_.left_out.add(name);
      if (found_.lone_text.empty()) found_.lone_text = shown(name);
      return;
    }
    note_problem(format("{}: has a class but no image ({}){}", shown(name), image_endings(),
                        reader_.skipped().contains("links") ? "; links in a tar have no content" : ""));
  }

  void note_disagreement(const Sample& sample) {
    if (!found_.disagree.empty()) return;
    const Label& first = sample.labels.front();
    for (const Label& other : sample.labels) {
      if (other.text == first.text) continue;
      constexpr std::size_t kMost = 40;
      found_.disagree =
          format("{}: .{} says '{}', .{} '{}'", shown(sample.key), kLabelEndings.at(first.ending),
                 shortened(first.text, kMost), kLabelEndings.at(other.ending), shortened(other.text, kMost));
      return;
    }
  }

  const std::string& shard_;
  NameRule rule_;
  TarReader reader_;
  std::vector<Sample> samples_;                         ///< in the order of their first members
  std::unordered_map<std::string, std::size_t> index_;  ///< in samples_, by key
  std::unordered_set<std::string> names_;
  ShardSamples found_;
};

}  // namespace

ShardSamples scan_shard(const ShardFiles& files, std::size_t shard, NameRule rule) {
  return Scan(files, shard, rule).samples();
}

}  // namespace springbok::data
