// What calling an allowed global gives, and what the state of an object does.
#pragma once

#include "springbok/tensors/pickle/heap.h"

namespace springbok::tensors::pickle {

/// REDUCE and NEWOBJ: `callee(*arguments)`.
Id call(Heap& heap, Id callee, Id arguments);

/// BUILD: fills NumPy arrays and element types; attributes of dictionaries, tensors and opaque objects are left out.
void build(Heap& heap, Id object, Id state);

/// BINPERSID: the storage that `('storage', class, key, location, elements[, view])` names.
Id persistent(Heap& heap, Id id);

// In pickle/tensor.cpp and pickle/numpy.cpp.
Id rebuild_tensor(Heap& heap, const std::vector<Id>& arguments);
Id rebuild_tensor_v3(Heap& heap, const std::vector<Id>& arguments);
Id numpy_dtype(Heap& heap, const std::vector<Id>& arguments);
Id numpy_scalar(Heap& heap, const std::vector<Id>& arguments);
Id numpy_from_buffer(Heap& heap, const std::vector<Id>& arguments);
void build_numpy_dtype(Heap& heap, Id object, Id state);
void build_numpy_array(Heap& heap, Id object, Id state);

/// The DType of a NumPy element type, or nothing.
std::optional<DType> to_dtype(const NumpyDType& dtype);

/// A tuple of integers.
std::vector<std::int64_t> integers(const Heap& heap, Id tuple, const char* what);

}  // namespace springbok::tensors::pickle
