// What ImageNet's classes are called: by torchvision, by WordNet, by folders.
#include <algorithm>
#include <unordered_map>

#include "springbok/zoo/imagenet.h"

namespace springbok::zoo {
namespace {

/// Lower case, blanks for `_`.
std::string folded(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '_') c = ' ';
  }
  return text;
}

/// `tench, Tinca tinca` -> `tench`, `Tinca tinca`.
std::vector<std::string> each_word(const std::string& words) {
  std::vector<std::string> list;
  for (std::size_t begin = 0; begin < words.size();) {
    const std::size_t end = std::min(words.find(", ", begin), words.size());
    list.push_back(words.substr(begin, end - begin));
    begin = end + 2;
  }
  return list;
}

std::unordered_map<std::string, std::int64_t> exact_names() {
  std::unordered_map<std::string, std::int64_t> outputs;
  for (std::size_t i = 0; i < imagenet_classes().size(); ++i) {
    outputs.emplace(imagenet_classes()[i], static_cast<std::int64_t>(i));
    outputs.emplace(imagenet_synsets()[i].id, static_cast<std::int64_t>(i));
  }
  return outputs;
}

using ByWord = std::unordered_map<std::string, std::vector<std::int64_t>>;

ByWord folded_words() {
  ByWord outputs;
  for (std::size_t i = 0; i < imagenet_classes().size(); ++i) {
    const Synset& synset = imagenet_synsets()[i];
    std::vector<std::string> all = each_word(synset.words);
    all.insert(all.end(), {imagenet_classes()[i], synset.words});
    for (const std::string& word : all) {
      std::vector<std::int64_t>& of_word = outputs[folded(word)];
      const auto output = static_cast<std::int64_t>(i);
      if (of_word.empty() || of_word.back() != output) of_word.push_back(output);
    }
  }
  return outputs;
}

}  // namespace

bool is_synset(const std::string& text) {
  return text.size() == 9 && text[0] == 'n' &&
         std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::vector<std::int64_t> imagenet_outputs(const std::string& name) {
  static const auto exact = exact_names();
  static const ByWord by_word = folded_words();
  if (const auto found = exact.find(name); found != exact.end()) return {found->second};
  const auto found = by_word.find(folded(name));
  return found == by_word.end() ? std::vector<std::int64_t>{} : found->second;
}

std::int64_t imagenet_namesake(const std::string& name) {
  for (std::size_t i = 0; i < imagenet_classes().size(); ++i) {
    const std::string& words = imagenet_synsets()[i].words;
    if (imagenet_classes()[i] != name && words.substr(0, words.find(", ")) == name) return static_cast<std::int64_t>(i);
  }
  return -1;
}

}  // namespace springbok::zoo
