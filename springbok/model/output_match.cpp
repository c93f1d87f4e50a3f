// Matching the classes of a source with the outputs of a network.
#include "springbok/model/output_match.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <unordered_map>

#include "springbok/base/error.h"
#include "springbok/base/text.h"
#include "springbok/zoo/imagenet.h"

namespace springbok::model {
namespace {

constexpr std::int64_t kNone = -1;

std::optional<std::int64_t> whole_number(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size() && value >= 0 && text[0] != '-';
  return whole ? std::optional(value) : std::nullopt;
}

/// The one class of ImageNet's that the name means, or none.
std::int64_t imagenet_class(const std::string& name) {
  const std::vector<std::int64_t> all = zoo::imagenet_outputs(name);
  return all.size() == 1 ? all.front() : kNone;
}

class Matcher {
 public:
  Matcher(const data::Source& source, const Outputs& outputs) : source_(source), outputs_(outputs) {
    for (std::size_t i = 0; i < outputs.names.size(); ++i) {
      const std::string& name = outputs.names[i];
      if (!by_name_.emplace(name, static_cast<std::int64_t>(i)).second) fail("the model has two classes '{}'", name);
      numbered_ = numbered_ && name == std::to_string(i);
      numbers_ = numbers_ && whole_number(name);
      if (const std::int64_t of = imagenet_class(name); of != kNone) by_imagenet_.emplace(of, i);
    }
    imagenet_ = by_imagenet_.size() == outputs.names.size();
    used_.resize(source.classes().size());
    const bool one_class = source.target_kind() == data::TargetKind::classes;
    if (!one_class) std::fill(used_.begin(), used_.end(), true);  // which have some is not known without all images
    for (std::int64_t i = 0; one_class && i < source.size(); ++i) {
      if (source.target(i) >= 0) used_[static_cast<std::size_t>(source.target(i))] = true;
    }
    match_.outputs.resize(used_.size(), kNone);
    match_.classes = std::count(used_.begin(), used_.end(), true);
  }

  OutputMatch result() {
    match_names();
    const std::int64_t found = match_.classes - std::ssize(unknown_);
    if (!unknown_.empty() && found == 0) {
      if (takes_indices()) {
        match_indices();
      } else if ((outputs_.assumed || numbered_) && source_.classes().size() == outputs_.names.size()) {
        match_order();
      }
    }
    if (!unknown_.empty()) fail_unknown();
    check_distinct();
    return std::move(match_);
  }

 private:
  const std::string& name(std::size_t i) const { return source_.classes()[i]; }

  template <class Use>
  void for_used(const Use& use) const {
    for (std::size_t i = 0; i < used_.size(); ++i) {
      if (used_[i]) use(i);
    }
  }

  void match_names() {
    bool names = false, synsets = false;
    for_used([&](std::size_t i) {
      const auto found = by_name_.find(name(i));
      const std::int64_t output = found != by_name_.end() ? found->second : of_imagenet(name(i));
      match_.outputs[i] = output;
      if (output == kNone) return unknown_.push_back(name(i));
      (found == by_name_.end() && zoo::is_synset(name(i)) ? synsets : names) = true;
      warn_of_namesake(name(i));
    });
    match_.by = synsets ? names ? "name and synset" : "synset" : "name";
    if (!outputs_.file.empty() && !synsets) match_.by = "file";
    if (outputs_.assumed && numbered_ && unknown_.empty()) warn_of_order();
  }

  /// "10" comes before "2" among folders, and torchvision's ImageFolder counts them so.
  void warn_of_order() {
    for (std::size_t i = 0; i < used_.size(); ++i) {
      if (!used_[i] || match_.outputs[i] == static_cast<std::int64_t>(i)) continue;
      return match_.warnings.push_back(
          format("the weights name no classes: '{}' is taken for output {}; of a network that was trained on these "
                 "folders by their order it is output {}: then give --classes FILE with their names in that order",
                 name(i), match_.outputs[i], i));
    }
  }

  std::int64_t of_imagenet(const std::string& name) {
    if (!imagenet_) return kNone;
    std::vector<std::int64_t> all;
    for (const std::int64_t of : zoo::imagenet_outputs(name)) {
      if (const auto found = by_imagenet_.find(of); found != by_imagenet_.end()) all.push_back(found->second);
    }
    if (all.size() > 1) {
      fail("{}: the class '{}' can be output {} ({}) or {} ({}); name it by its synset, {} or {}",
           source_.description(), name, all[0], output_name(all[0]), all[1], output_name(all[1]), synset(all[0]),
           synset(all[1]));
    }
    return all.empty() ? kNone : all.front();
  }

  const std::string& output_name(std::int64_t output) const { return outputs_.names[static_cast<std::size_t>(output)]; }
  std::string synset(std::int64_t output) const {
    return zoo::imagenet_synsets()[static_cast<std::size_t>(imagenet_class(output_name(output)))].id;
  }

  void warn_of_namesake(const std::string& name) {
    if (!imagenet_ || zoo::is_synset(name)) return;
    const std::int64_t other = zoo::imagenet_namesake(name), own = imagenet_class(name);
    if (other == kNone || own == kNone || !by_imagenet_.contains(other)) return;
    match_.warnings.push_back(
        format("the class '{}' is taken as {}, torchvision's '{}'; WordNet's {} ('{}') is called so too: name the "
               "folder by synset to be sure",
               name, zoo::imagenet_synsets()[static_cast<std::size_t>(own)].id,
               zoo::imagenet_classes()[static_cast<std::size_t>(own)],
               zoo::imagenet_synsets()[static_cast<std::size_t>(other)].id,
               zoo::imagenet_classes()[static_cast<std::size_t>(other)]));
  }

  /// Numbers are indices only among names that are none themselves, unless those count the outputs.
  bool takes_indices() const {
    bool all = !numbers_ || numbered_;
    for_used([&](std::size_t i) { all = all && whole_number(name(i)); });
    return all;
  }

  void match_indices() {
    const std::int64_t count = std::ssize(outputs_.names);
    for_used([&](std::size_t i) {
      const std::int64_t index = *whole_number(name(i));
      if (index >= count) {
        fail("{}: class {} is no index of the {} outputs, which count from 0", source_.description(), name(i),
             with_commas(count));
      }
      match_.outputs[i] = index;
    });
    unknown_.clear();
    match_.by = "index";
  }

  void match_order() {
    for (std::size_t i = 0; i < used_.size(); ++i) match_.outputs[i] = static_cast<std::int64_t>(i);
    unknown_.clear();
    match_.by = "order";
    match_.warnings.push_back(
        format("the weights name no classes: the {} outputs are taken for the data's classes in their order ({}); give "
               "--classes FILE with one name a line to be sure",
               with_commas(std::ssize(outputs_.names)), join_first(source_.classes(), 3)));
  }

  [[noreturn]] void fail_unknown() const {
    fail(
        "{}: {} of {} classes are unknown to the model: {} (it has {}: {}); leave them out, or name the outputs with "
        "--classes FILE",
        source_.description(), unknown_.size(), match_.classes, join_first(unknown_), outputs_.names.size(),
        join_first(outputs_.names));
  }

  void check_distinct() const {
    std::map<std::int64_t, std::size_t> seen;
    for_used([&](std::size_t i) {
      const auto [other, is_new] = seen.emplace(match_.outputs[i], i);
      if (is_new) return;
      fail("{}: the classes '{}' and '{}' are both output {} ({}); make one of them", source_.description(),
           name(other->second), name(i), match_.outputs[i], output_name(match_.outputs[i]));
    });
  }

  const data::Source& source_;
  const Outputs& outputs_;
  std::unordered_map<std::string, std::int64_t> by_name_;
  std::unordered_map<std::int64_t, std::int64_t> by_imagenet_;  ///< outputs by ImageNet's
  bool numbered_ = true;                                        ///< the names are "0", "1", ...
  bool numbers_ = true;                                         ///< they are numbers
  bool imagenet_ = false;                                       ///< all are classes of ImageNet's
  std::vector<bool> used_;
  std::vector<std::string> unknown_;
  OutputMatch match_;
};

}  // namespace

OutputMatch match_outputs(const data::Source& source, const Outputs& outputs) {
  return Matcher(source, outputs).result();
}

std::string to_text(const OutputMatch& match, const Outputs& outputs) {
  return format("classes: {} of {} outputs, matched by {}", with_commas(match.classes),
                with_commas(std::ssize(outputs.names)), match.by == "file" ? outputs.file : match.by);
}

}  // namespace springbok::model
