// What was built, and with what: the build id that a run's record carries.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace springbok::run {

struct Build {
  std::string version;   ///< `0.1.0`
  std::string revision;  ///< of git, 40 hex digits; "" where the sources were no checkout
  bool dirty = false;    ///< the sources differed from the revision
  std::string compiler;  ///< `GNU 12.2.0`
  std::string type;      ///< `Release`
  std::string libtorch;  ///< `2.13.0`; "" without
};

/// This program's.
Build build();

nlohmann::ordered_json to_json(const Build& build);

/// `0.1.0, revision 2c9d66a (changed), GNU 12.2.0, LibTorch 2.13.0`.
std::string to_text(const Build& build);

}  // namespace springbok::run
