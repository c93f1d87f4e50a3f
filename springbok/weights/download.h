// One file from the net: resumed where an earlier try stopped, with exact errors. On libcurl.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace springbok::weights {

struct DownloadSettings {
  std::uint64_t size = 0;     ///< what the file must have; 0 where that is not known
  double stall_seconds = 30;  ///< without a byte for so long, the connection counts as dead
  bool verified = false;      ///< the caller checks a hash, so that bytes of another version cannot pass
  int tries = 4;              ///< connections in all; each goes on where the last one stopped
  std::function<void(std::uint64_t done, std::uint64_t total)> progress = {};  ///< in bytes; total 0: not known
};

/// Downloads `url` (http or https) into `part`, after the bytes that are there already if the server still has the same
/// file. Throws Error saying what is there and what is missing; `part` then stays, to go on later, unless the server
/// has another size than wanted.
void download(const std::string& url, const std::filesystem::path& part, const DownloadSettings& settings);

}  // namespace springbok::weights
