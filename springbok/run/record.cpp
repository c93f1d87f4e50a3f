// What run.json says.
#include "springbok/run/record.h"

#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>

#include "springbok/base/threads.h"
#include "springbok/metrics/goal.h"
#include "springbok/run/build.h"

namespace springbok::run {
namespace {

using Json = nlohmann::ordered_json;

std::string cpu_name() {
  std::FILE* file = std::fopen("/proc/cpuinfo", "r");
  if (file == nullptr) return "unknown";
  char line[512];
  std::string name = "unknown";
  while (name == "unknown" && std::fgets(line, sizeof line, file) != nullptr) {
    const char* colon = std::strchr(line, ':');
    if (std::strncmp(line, "model name", 10) == 0 && colon != nullptr) name = colon + 2;
  }
  std::fclose(file);
  while (!name.empty() && name.back() == '\n') name.pop_back();
  return name;
}

}  // namespace

Json make_record(const Json& recipe, const metrics::Task& task, const data::Source& training,
                 const data::Source& validation) {
  const Build made = build();
  Json json;
  json["springbok"] = made.version;
  json["libtorch"] = made.libtorch;
  json["build"] = to_json(made);
  json["machine"] = {{"cpu", cpu_name()}, {"usable_cores", usable_cores()}};
  json["data"] = {
      {"description", training.description()}, {"digest", training.digest()}, {"classes", training.classes()}};
  json["validation_data"] = {{"description", validation.description()}, {"digest", validation.digest()}};
  json["task"] = metrics::name_of(task);
  json["goal"] = metrics::to_json(metrics::goal_of(task));
  json["recipe"] = recipe;
  json["finished"] = false;
  return json;
}

}  // namespace springbok::run
