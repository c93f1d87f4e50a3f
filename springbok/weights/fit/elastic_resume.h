// What allenai/elastic's scripts take from a checkpoint: a true resume, or weights of another head ("fake" resume).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "springbok/graph/graph.h"

namespace springbok::weights {

/// Which script reads the file. Networks stand behind `module.` in all but `docker` (one process).
///
/// `classify` and `docker` take names that fit, and optimizer, epoch and `best_err` where they are there. `multilabel`
/// does the same where the file's head has as many classes. Else it takes all but what has `fc` or `classifier` in its
/// name, without optimizer and epoch. `segment` looks for `aspp` or `dla_up` in the names. With one it needs all names,
/// the optimizer and the epoch. Without, it takes what fits, for a DLA into `base`, whose names lose seven characters.
enum class ElasticScript : std::uint8_t { classify, docker, multilabel, segment };

struct NamedShape {
  std::string name;
  graph::Shape shape;
};

/// A file, as far as the scripts look at it.
struct ElasticFile {
  std::optional<std::vector<NamedShape>> state_dict = {};
  bool optimizer = false;
  std::optional<std::int64_t> epoch = {};
  std::optional<double> best_err = {};  ///< under that key; the scripts write `best_err1`, which none reads
};

/// Names are the network's own but for `unexpected`, which are the file's as they were tried.
struct ElasticResume {
  bool whole = false;                        ///< a true resume
  std::vector<std::string> loaded, missing;  ///< in the network's order
  std::vector<std::string> unexpected;       ///< in the file's order
  bool optimizer = false;                    ///< whether its state is taken
  std::int64_t start_epoch = 0;
  std::optional<double> best_err = {};
  /// What ends the script, after the names in `loaded` were filled: `shapes`, `names`, `state_dict`, `optimizer`,
  /// `epoch` or `head`; empty where it goes on.
  std::string error = {};
};

/// What the script does with the file, or with none. What is wrongly named loads nothing, without a word: `adopt` takes
/// the prefix off by itself, and refuses what does not fit.
ElasticResume elastic_resume(ElasticScript script, const graph::Graph& graph, const std::optional<ElasticFile>& file);

/// Parameters with `.ups.` in their names, which `classify` and `docker` leave out of the optimizer. No published
/// network has one.
bool elastic_leaves_out(const std::string& name);

}  // namespace springbok::weights
