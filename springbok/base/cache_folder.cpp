// The cache folder, by the XDG base directory specification.
#include "springbok/base/cache_folder.h"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace springbok {
namespace {

namespace fs = std::filesystem;

fs::path variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// The user's, also where a service runs without $HOME.
fs::path home_folder() {
  if (const fs::path home = variable("HOME"); !home.empty()) return home;
  std::array<char, 4096> room{};
  passwd user{}, *found = nullptr;
  if (::getpwuid_r(::getuid(), &user, room.data(), room.size(), &found) != 0 || found == nullptr) return {};
  return user.pw_dir;
}

}  // namespace

fs::path cache_folder() {
  if (const fs::path own = variable("SPRINGBOK_CACHE"); !own.empty()) return own;
  // The specification: a relative path there is invalid and to be ignored.
  if (const fs::path common = variable("XDG_CACHE_HOME"); common.is_absolute()) return common / "springbok";
  const fs::path home = home_folder();
  return home.empty() ? home : home / ".cache" / "springbok";
}

}  // namespace springbok
