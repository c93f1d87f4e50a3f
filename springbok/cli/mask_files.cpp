// Naming and writing masks.
#include "springbok/cli/mask_files.h"

#include <map>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/quote.h"

namespace springbok::cli {
namespace {

namespace fs = std::filesystem;

/// The folder that all lie in; empty where there is none.
fs::path shared_folder(const std::vector<fs::path>& names) {
  fs::path shared = names.empty() ? fs::path() : names.front().parent_path();
  for (const fs::path& name : names) {
    while (!shared.empty() && shared != shared.root_path()) {
      const fs::path rest = name.lexically_relative(shared);
      if (!rest.empty() && *rest.begin() != "..") break;
      shared = shared.parent_path();
    }
  }
  return shared;
}

}  // namespace

NamedFiles::NamedFiles(fs::path folder, const data::Source& source, const std::string& ending)
    : folder_(std::move(folder)) {
  std::vector<fs::path> images;
  for (std::int64_t i = 0; i < source.size(); ++i) images.push_back(fs::path(source.name(i)).lexically_normal());
  const fs::path shared = shared_folder(images);
  std::map<fs::path, std::size_t> taken;
  for (std::size_t i = 0; i < images.size(); ++i) {
    fs::path name = shared.empty() ? images[i].relative_path() : images[i].lexically_relative(shared);
    if (name.empty() || *name.begin() == "..") {
      fail("{}: its mask would lie outside {}", printable(images[i].string()), printable(folder_.string()));
    }
    name.replace_extension(ending);
    const auto [at, is_new] = taken.emplace(name, i);
    if (!is_new) {
      fail("{} and {} would both have the mask {}; rename one of them", printable(images[at->second].string()),
           printable(images[i].string()), printable((folder_ / name).string()));
    }
    names_.push_back(std::move(name));
  }
}

void NamedFiles::write(std::int64_t sample, std::span<const std::byte> bytes) const {
  const fs::path file = path(sample);
  make_folder(file.parent_path());
  write_file(file, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

void check_masks_folder(const fs::path& folder) {
  make_folder(folder);
  check_writable(folder / "classes.txt");
}

}  // namespace springbok::cli
