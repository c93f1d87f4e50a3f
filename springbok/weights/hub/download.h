// One file from the net: resumed where an earlier try stopped, with exact errors. On libcurl.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace springbok::weights {

/// What a file whose size nobody tells may have at most.
constexpr std::uint64_t kMostUnknownBytes = 2'000'000'000;

struct DownloadSettings {
  std::uint64_t size = 0;     ///< what the file must have; 0 where that is not known, and then a limit holds
  double stall_seconds = 30;  ///< without a byte, or with less than 1 KB a second, for so long: a dead connection
  bool verified = false;      ///< the caller checks a hash, so that bytes of another version cannot pass
  int tries = 4;              ///< connections in all; each goes on where the last one stopped
  std::function<void(std::uint64_t done, std::uint64_t total)> progress = {};  ///< in bytes; total 0: not known
};

/// Downloads `url` (http or https, and never from https to http) into `part`, after the bytes that are there already if
/// the server still has the same file. A connection that brings nothing is the last one. Throws Error saying what is
/// there and what is missing. `part` then stays where the next call can go on from it. It does not where the server has
/// another file than wanted, nor where it tells no version of the file and no hash is known.
void download(const std::string& url, const std::filesystem::path& part, const DownloadSettings& settings);

}  // namespace springbok::weights
