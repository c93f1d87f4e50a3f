// Inside the room: a digest over texts and numbers.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "springbok/base/file.h"

namespace springbok::data {

/// SHA-256 over parts, each preceded by its length, so that moving a boundary changes the digest.
class Digest {
 public:
  void add(std::span<const std::byte> part) { parts_ += std::to_string(part.size()) + ":" + sha256(part); }
  void add(std::string_view text) { add(std::as_bytes(std::span(text))); }
  void add_all(const std::vector<std::string>& texts) {
    add(std::to_string(texts.size()));
    for (const std::string& text : texts) add(text);
  }
  std::string hex() const { return sha256(std::as_bytes(std::span(parts_))); }

 private:
  std::string parts_;
};

}  // namespace springbok::data
