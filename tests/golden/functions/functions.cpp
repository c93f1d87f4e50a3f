// Which kind a golden file of a function is of, and its comparison.
#include "tests/golden/functions/functions.h"

#include <algorithm>

#include "springbok/base/error.h"

namespace springbok::golden {
namespace {

using nlohmann::json;

/// `repo@commit path: F, G` of each source; Elastic's files say the same in an object.
std::vector<std::string> sources_of(const json& file) {
  std::vector<std::string> sources;
  const json& source = file.at("source");
  if (source.is_object()) {
    std::string functions;
    for (const json& function : source.at("functions")) functions += function.get<std::string>() + ", ";
    sources.push_back(
        format("{} {}: {}{}", source.value("repo", ""), source.value("file", ""), functions, source.value("also", "")));
    return sources;
  }
  for (const json& entry : source) sources.push_back(entry.get<std::string>());
  return sources;
}

bool fits(const Kind& kind, const json& file, const std::vector<std::string>& sources) {
  const bool named = std::any_of(sources.begin(), sources.end(), [&](const std::string& source) {
    return source.find(kind.path) != std::string::npos && source.find(kind.function) != std::string::npos;
  });
  return named &&
         std::all_of(kind.keys.begin(), kind.keys.end(), [&](std::string_view key) { return file.contains(key); });
}

std::vector<Kind> all_kinds() {
  std::vector<Kind> all;
  for (const auto& part : {loss_kinds(), optimizer_kinds(), module_kinds(), metric_kinds(), augment_kinds(),
                           elastic_kinds(), elastic_segment_kinds()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace

void check_function(const json& file, Report& report) {
  const std::vector<std::string> sources = sources_of(file);
  const std::vector<Kind> kinds = all_kinds();
  const auto kind = std::find_if(kinds.begin(), kinds.end(), [&](const Kind& k) { return fits(k, file, sources); });
  if (kind == kinds.end()) {
    report.unknown = format("functions that are not known: {}", sources.empty() ? "none" : sources.front());
    return;
  }
  Sheet sheet(file, report);
  kind->check(sheet);
  report.verdict = !report.failures.empty() ? Verdict::fail : report.unknown.empty() ? Verdict::pass : Verdict::unknown;
}

}  // namespace springbok::golden
