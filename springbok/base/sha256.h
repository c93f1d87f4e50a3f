// SHA-256 over pieces.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace springbok {

class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  ~Sha256();
  void add(std::span<const std::byte> bytes);
  /// In lower-case hex; call it once, after the last piece.
  std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace springbok
