// Where Springbok keeps what it can make or get again: downloaded weights, the index of image folders.
#pragma once

#include <filesystem>

namespace springbok {

/// $SPRINGBOK_CACHE, else $XDG_CACHE_HOME/springbok, else ~/.cache/springbok; empty when there is no home folder
/// either. It need not exist yet.
std::filesystem::path cache_folder();

}  // namespace springbok
