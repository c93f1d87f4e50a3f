// One visitor of a variant out of several functions.
#pragma once

namespace springbok {

/// Calls the function that takes the variant's type.
template <class... F>
struct Overload : F... {
  using F::operator()...;
};
template <class... F>
Overload(F...) -> Overload<F...>;  // clang before 17 deduces no aggregates

}  // namespace springbok
