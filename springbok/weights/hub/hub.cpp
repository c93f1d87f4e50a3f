// Manifests as JSON, and entries by name.
#include "springbok/weights/hub/hub.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/base/json.h"

namespace springbok::weights {
namespace {

using Json = nlohmann::json;

std::string text(const Json& entry, const char* key, const std::string& where) {
  if (!entry.contains(key)) return "";
  if (!entry[key].is_string()) fail("{}: '{}' is not a text", where, key);
  return entry[key].get<std::string>();
}

bool is_hash(const std::string& text) {
  constexpr std::size_t kLeast = 8, kMost = 64;
  return text.size() >= kLeast && text.size() <= kMost &&
         text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

/// Names and files become paths in the cache.
bool is_plain(const std::string& name) {
  return !name.empty() && name.front() != '.' && name.find("/.") == std::string::npos && name.front() != '/' &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/") ==
             std::string::npos;
}

Published entry_from(const Json& json, const std::string& where) {
  if (!json.is_object()) fail("{}: not an object", where);
  for (const auto& [key, value] : json.items()) {
    if (key != "name" && key != "url" && key != "page" && key != "size" && key != "sha256")
      fail("{}: unknown key '{}'; there are name, url, page, size, sha256", where, key);
  }
  Published entry{
      .name = text(json, "name", where), .url = text(json, "url", where), .page = text(json, "page", where)};
  entry.sha256 = text(json, "sha256", where);
  if (!is_plain(entry.name)) fail("{}: '{}' is no name for weights", where, entry.name);
  if (entry.url.empty() == entry.page.empty()) fail("{} ({}): give one of 'url' and 'page'", where, entry.name);
  const std::string file = entry.url.substr(entry.url.rfind('/') + 1);
  if (!entry.url.empty() && !is_plain(file)) fail("{} ({}): the url ends in no file name", where, entry.name);
  if (!entry.sha256.empty() && !is_hash(entry.sha256))
    fail("{} ({}): 'sha256' is not 8 to 64 hex digits in lower case", where, entry.name);
  if (json.contains("size")) {
    if (!json["size"].is_number_unsigned()) fail("{} ({}): 'size' is not a number of bytes", where, entry.name);
    entry.size = json["size"].get<std::uint64_t>();
  }
  return entry;
}

}  // namespace

std::vector<Published> read_manifest(const std::string& json, const std::string& where) {
  const Json list = parse_json(json);
  if (!list.is_array()) fail("{}: not a JSON list of weights", where);
  std::vector<Published> manifest;
  for (const Json& entry : list) {
    manifest.push_back(entry_from(entry, format("{}: entry {}", where, manifest.size() + 1)));
  }
  return manifest;
}

const Published& find_published(const std::vector<Published>& manifest, const std::string& name) {
  const auto at =
      std::find_if(manifest.begin(), manifest.end(), [&](const Published& entry) { return entry.name == name; });
  if (at != manifest.end()) return *at;
  std::vector<std::string> names, same;
  for (const Published& entry : manifest) {
    names.push_back(entry.name);
    if (entry.name.ends_with("/" + name)) same.push_back(entry.name);
  }
  const std::string near = same.empty() ? closest(name, names) : join(same, "' or '");
  fail_usage("no published weights '{}'{}; 'springbok weights get' lists them", name,
             near.empty() ? "" : format(" (did you mean '{}'?)", near));
}

}  // namespace springbok::weights
