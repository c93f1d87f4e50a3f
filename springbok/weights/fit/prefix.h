// What training wrappers put before a network's names, found by the names themselves, whatever the wrapper is called.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "springbok/graph/graph.h"
#include "springbok/tensors/value.h"

namespace springbok::weights {

/// Where a network's names stand in a file.
struct Place {
  std::string prefix;              ///< what is before them: `model.`, `module.encoder_q.`; "" for nothing
  std::size_t count = 0;           ///< how many of the names are there
  std::vector<std::string> twins;  ///< other prefixes with as many: `student.` beside `teacher.`
};

/// The names of a file, to be asked for many networks.
class NameIndex {
 public:
  explicit NameIndex(const tensors::StateDict& dict);  ///< which must outlive this

  /// Where most of these names stand. Of equals nothing before them comes first, and averages and students last.
  Place place_of(const std::vector<std::string>& keys) const;

  std::size_t count_behind(const std::string& prefix) const;  ///< names of the file that begin so

 private:
  std::size_t count_of(const std::vector<std::string>& keys, const std::string& prefix) const;
  std::vector<std::string> prefixes_of(const std::vector<std::string>& keys) const;

  const tensors::StateDict& dict_;
  std::unordered_map<std::string_view, std::size_t> names_;
  std::unordered_map<std::string_view, std::vector<std::size_t>> by_ending_;  ///< the last two parts: `conv1.weight`
};

/// A file's tensors with the network's own without what stands before them.
struct View {
  tensors::StateDict dict;
  std::string prefix, head;    ///< what was taken off; `head` where the classifier stood elsewhere: `head.`
  tensors::StateDict outside;  ///< tensors that do not stand there, under their names in the file
  std::vector<std::string> twins = {};
};

/// `keys` are the names of the graph's parameters in the file. A classifier that is not beside them is looked for among
/// the other tensors: behind one prefix (`head.fc.weight`), or as the only layer of its shape (`head.weight`).
View view(const tensors::StateDict& dict, const Place& place, const graph::Graph& graph,
          const std::vector<std::string>& keys);

}  // namespace springbok::weights
