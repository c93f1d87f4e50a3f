// Telling whether two paths are one file.
#include "springbok/cli/outputs.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/quote.h"

namespace springbok::cli {
namespace {

namespace fs = std::filesystem;

std::optional<struct stat> status_of(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return status;
}

/// Where writing the path would end: links followed, also those to what is not there yet.
fs::path resolved(fs::path path) {
  constexpr int kMostLinks = 40;
  std::error_code error;
  for (int i = 0; i < kMostLinks && fs::is_symlink(path, error); ++i) {
    const fs::path target = fs::read_symlink(path, error);
    if (error) break;
    path = target.is_absolute() ? target : path.parent_path() / target;
  }
  const fs::path whole = fs::weakly_canonical(fs::absolute(path, error), error);
  return (error ? path : whole).lexically_normal();
}

/// The path of `KIND:PATH`.
fs::path path_of(const std::string& spec) {
  std::error_code ignored;
  const std::size_t colon = spec.find(':');
  return colon == std::string::npos || fs::exists(spec, ignored) ? spec : spec.substr(colon + 1);
}

bool is_same_file(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

bool is_same(const fs::path& a, const fs::path& b) {
  const auto here = status_of(a), there = status_of(b);
  if (here && there) return S_ISREG(here->st_mode) && is_same_file(*here, *there);
  return !here && !there && resolved(a) == resolved(b);
}

/// The path below `folder`, or nothing. Both resolved.
std::optional<fs::path> below(const fs::path& path, const fs::path& folder) {
  const fs::path rest = path.lexically_relative(folder);
  if (rest.empty() || *rest.begin() == ".." || rest == ".") return std::nullopt;
  return rest;
}

/// Whether the file has another name below the folder.
bool is_linked_below(const struct stat& file, const fs::path& folder) {
  if (file.st_nlink < 2) return false;
  std::error_code error;
  const auto options = fs::directory_options::follow_directory_symlink | fs::directory_options::skip_permission_denied;
  for (auto at = fs::recursive_directory_iterator(folder, options, error); !error && at != end(at);
       at.increment(error)) {
    const auto other = status_of(at->path());
    if (other && is_same_file(file, *other)) return true;
  }
  return false;
}

/// Whether data sets have a part of that name.
bool is_part(const fs::path& name) {
  static constexpr std::array kParts{"train", "val", "valid", "validation", "test"};
  return std::find(kParts.begin(), kParts.end(), name.string()) != kParts.end();
}

/// Whether writing the file changes what is read of the folder. Reports beside the data's folders are no data.
bool is_part_of(const fs::path& file, const fs::path& folder) {
  const auto status = status_of(file);
  if (!status || !S_ISREG(status->st_mode)) return false;
  const auto rest = below(resolved(file), resolved(folder));
  const std::string ending = file.extension().string();
  const bool report = rest && !rest->has_parent_path() && (ending == ".csv" || ending == ".json" || ending == ".html");
  return (rest && !report) || is_linked_below(*status, folder);
}

}  // namespace

void check_outputs(const std::vector<NamedPath>& outputs, const std::vector<NamedPath>& inputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].path.empty()) continue;
    for (std::size_t k = 0; k < i; ++k) {
      if (outputs[k].path.empty() || !is_same(outputs[k].path, outputs[i].path)) continue;
      fail_usage("{} and {} name one file, {}; give each its own", outputs[k].named, outputs[i].named,
                 shortened(outputs[i].path));
    }
    for (const NamedPath& input : inputs) {
      if (input.path.empty()) continue;
      const fs::path path = path_of(input.path);
      const auto status = status_of(path);
      const bool folder = status && S_ISDIR(status->st_mode);
      if (folder ? !is_part_of(outputs[i].path, path) : !is_same(outputs[i].path, path)) continue;
      fail_usage("{}: {} would overwrite what {} reads; give another file", outputs[i].named,
                 shortened(outputs[i].path), input.named);
    }
  }
}

void check_output_folder(const NamedPath& output, const std::vector<NamedPath>& inputs) {
  for (const NamedPath& input : inputs) {
    if (output.path.empty() || input.path.empty()) continue;
    const fs::path folder = resolved(path_of(input.path)), out = resolved(output.path);
    const auto rest = below(out, folder);
    std::error_code ignored;
    const bool among_images = rest && fs::is_directory(folder / *rest->begin(), ignored) && is_part(*rest->begin());
    if (out != folder && !among_images) continue;
    fail_usage("{}: {} lies in what {} reads; give another folder", output.named, shortened(output.path), input.named);
  }
}

}  // namespace springbok::cli
