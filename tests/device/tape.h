// What the stand-in's graphs note while they listen, to do it again.
#pragma once

#include <ATen/core/Tensor.h>

#include <atomic>
#include <functional>
#include <tuple>
#include <type_traits>
#include <vector>

namespace springbok::standin {

/// What is to be done again, each into the tensors that it was done into.
using Tape = std::vector<std::function<void()>>;
/// Of the graph that listens; null for none. Backward runs in a thread of its own.
inline std::atomic<Tape*> listening{nullptr};

/// An op that is done by other ops: they are not noted.
class Inside {
 public:
  Inside() : outer_(listening.exchange(nullptr)) {}
  ~Inside() { listening = outer_; }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  Tape* outer() const { return outer_; }

 private:
  Tape* outer_;
};

/// Does it, and notes how to do it again into what it gave.
template <class F>
auto noted(F run) {
  const Inside inside;
  const auto given = run();
  if (inside.outer() != nullptr) {
    inside.outer()->push_back([run, given] {
      const auto again = run();
      if constexpr (std::is_same_v<decltype(given), const at::Tensor>) {
        given.copy_(again);
      } else {
        std::apply(
            [&](const auto&... old) {
              std::apply([&](const auto&... fresh) { ((old.defined() ? void(old.copy_(fresh)) : void()), ...); },
                         again);
            },
            given);
      }
    });
  }
  return given;
}

}  // namespace springbok::standin
