// Reading timm's texts (timm, data/auto_augment.py: rand_augment_transform and its like).
#include "springbok/data/augment/timm_text.h"

#include <algorithm>
#include <array>
#include <map>
#include <span>

#include "springbok/base/error.h"
#include "springbok/base/quote.h"

namespace springbok::data {
namespace {

using Keys = std::vector<std::pair<std::string, std::string>>;

/// A section of a text: `mstd0.5` is rand_std = 0.5.
struct Section {
  const char* name;
  const char* key;
  const char* usual;  ///< timm's default
};

constexpr std::array kRand{Section{"n", "rand_ops", "2"},           Section{"m", "rand_magnitude", "10"},
                           Section{"p", "rand_probability", "0.5"}, Section{"mstd", "rand_std", "0"},
                           Section{"mmax", "rand_most", "10"},      Section{"inc", "rand_increasing", "0"}};
constexpr std::array kLearned{Section{"mstd", "rand_std", "0"}};
constexpr std::array kAugMix{Section{"m", "augmix_severity", "3"}, Section{"w", "augmix_width", "3"},
                             Section{"d", "augmix_depth", "0"}, Section{"mstd", "rand_std", "0"}};

std::vector<std::string> sections_of(const std::string& text) {
  std::vector<std::string> sections(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool sign = i > 0 && i + 1 < text.size() && text[i + 1] == '1' && text[i - 1] == 'd';  // d-1
    if (text[i] == '-' && !sign) {
      sections.emplace_back();
    } else {
      sections.back() += text[i];
    }
  }
  return sections;
}

/// A switch or a depth as our key has it.
std::string value_of(const Section& section, const std::string& text, const std::string& where) {
  const std::string key = section.key;
  if (key == "rand_increasing") return text == "0" ? "false" : "true";
  if (key == "augmix_depth" && text == "-1") return "0";
  if (key == "rand_probability" && text.find_first_not_of("0.") == std::string::npos) {
    fail_usage("{}: 'p{}' does nothing to any image; use --auto-augment none", where, text);
  }
  return text;
}

void read(const std::string& section, std::span<const Section> known, Keys& keys, const std::string& where) {
  const std::size_t digit = section.find_first_of("-.0123456789");
  const std::string name = section.substr(0, digit), value = digit == std::string::npos ? "" : section.substr(digit);
  const auto at = std::find_if(known.begin(), known.end(), [&](const Section& each) { return name == each.name; });
  if (at == known.end() || value.empty()) {
    std::string names;
    for (const Section& each : known) names += format("{}{}", names.empty() ? "" : ", ", each.name);
    fail_usage("{}: '{}' is not among timm's sections that are here: {}, each with a number", where, shortened(section),
               names);
  }
  for (auto& [key, text] : keys) {
    if (key == at->key) text = value_of(*at, value, where);
  }
}

std::span<const Section> sections_for(const std::string& policy) {
  if (policy == "timm-rand") return kRand;
  return policy == "timm-augmix" ? std::span<const Section>(kAugMix) : std::span<const Section>(kLearned);
}

/// Our policy for the first section, or "".
std::string policy_of(const std::string& first, bool alone) {
  static const std::map<std::string, std::string> learned{{"original", "timm-original"},
                                                          {"originalr", "timm-originalr"},
                                                          {"v0", "timm-v0"},
                                                          {"v0r", "timm-v0r"},
                                                          {"3a", "timm-3a"}};
  if (const auto at = learned.find(first); at != learned.end()) return at->second;
  if (alone) return "";
  return first == "rand" ? "timm-rand" : first == "augmix" ? "timm-augmix" : "";
}

}  // namespace

Keys timm_augment(const std::string& text, const std::string& where) {
  const std::vector<std::string> sections = sections_of(text);
  const std::string policy = policy_of(sections.front(), sections.size() == 1);
  if (policy.empty()) return {};
  const std::span<const Section> known = sections_for(policy);
  Keys keys{{"auto_augment", policy}};
  for (const Section& each : known) keys.emplace_back(each.key, value_of(each, each.usual, where));
  for (std::size_t i = 1; i < sections.size(); ++i) read(sections[i], known, keys, where);
  return keys;
}

}  // namespace springbok::data
