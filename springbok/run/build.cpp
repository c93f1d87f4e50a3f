// The build id as JSON and as text.
#include "springbok/run/build.h"

#include <nlohmann/json.hpp>

#include "springbok/base/text.h"

namespace springbok::run {

nlohmann::ordered_json to_json(const Build& build) {
  return {{"version", build.version},   {"revision", build.revision}, {"dirty", build.dirty},
          {"compiler", build.compiler}, {"type", build.type},         {"libtorch", build.libtorch}};
}

std::string to_text(const Build& build) {
  constexpr std::size_t kShort = 7;
  std::string text = build.version;
  if (!build.revision.empty()) {
    text += format(", revision {}{}", build.revision.substr(0, kShort), build.dirty ? " (changed)" : "");
  }
  text += ", " + build.compiler;
  return build.libtorch.empty() ? text : text + ", LibTorch " + build.libtorch;
}

}  // namespace springbok::run
