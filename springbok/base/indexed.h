// A vector that is indexed by an id.
#pragma once

#include <concepts>
#include <cstddef>
#include <utility>
#include <vector>

namespace springbok {

/// std::vector whose index is any whole number, also a signed one, such as the id of a node or of a parameter. As with
/// std::vector it must be that of an element.
template <class T>
class Indexed : public std::vector<T> {
 public:
  using std::vector<T>::vector;
  Indexed() = default;
  Indexed(std::vector<T> values) : std::vector<T>(std::move(values)) {}  // NOLINT(google-explicit-constructor)

  decltype(auto) operator[](std::integral auto id) { return std::vector<T>::operator[](static_cast<std::size_t>(id)); }
  decltype(auto) operator[](std::integral auto id) const {
    return std::vector<T>::operator[](static_cast<std::size_t>(id));
  }
};

}  // namespace springbok
