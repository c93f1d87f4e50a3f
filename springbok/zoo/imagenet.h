// ImageNet's 1000 classes, which published weights of classifiers score.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace springbok::zoo {

/// Their names in the order of the networks' outputs, as torchvision gives them; imagenet_classes.txt lists them.
const std::vector<std::string>& imagenet_classes();

/// A class as WordNet has it.
struct Synset {
  std::string id;     ///< `n01440764`, the name of ImageNet's folders
  std::string words;  ///< `tench, Tinca tinca`, the words for it
};

/// The same classes in the same order, which is the order of the ids; imagenet_synsets.txt lists them.
const std::vector<Synset>& imagenet_synsets();

/// Whether a text has the form of a synset's id.
bool is_synset(const std::string& text);

/// The outputs that a class of this name can mean. One for torchvision's name and for a synset, spelt exactly. Else all
/// that have the text among their names or words, whatever its case, with `_` for a blank or not: several for `panda`.
std::vector<std::int64_t> imagenet_outputs(const std::string& name);

/// Of an output's exact name, the other output whose first word it is too: torchvision's `crane` is the machine,
/// WordNet's the bird as well. -1 for nearly all names.
std::int64_t imagenet_namesake(const std::string& name);

}  // namespace springbok::zoo
