// Tars of any members, for tests.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "springbok/base/file.h"
#include "springbok/base/text.h"

namespace springbok::data {

struct TarMember {
  std::string name, content;
  char kind = '0';
};

/// A ustar file of the members, ended by zeros.
inline std::string tar_bytes(const std::vector<TarMember>& members) {
  constexpr std::size_t kBlock = 512;
  std::string tar;
  for (const TarMember& member : members) {
    std::string header(kBlock, '\0');
    const auto put = [&](std::size_t at, const std::string& text) { header.replace(at, text.size(), text); };
    put(0, member.name);
    put(100, "0000644");
    put(124, format("{:011o}", member.content.size()));
    put(148, "        ");
    put(156, std::string(1, member.kind));
    put(257, "ustar");
    unsigned sum = 0;
    for (const char c : header) sum += static_cast<unsigned char>(c);
    put(148, format("{:06o}", sum) + '\0');
    tar += header + member.content + std::string((kBlock - member.content.size() % kBlock) % kBlock, '\0');
  }
  return tar + std::string(2 * kBlock, '\0');
}

inline void write_tar(const std::filesystem::path& path, const std::vector<TarMember>& members) {
  make_folder(path.parent_path());
  write_file(path, tar_bytes(members));
}

}  // namespace springbok::data
