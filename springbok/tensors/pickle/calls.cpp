// The few lines of ours that stand for each allowed global.
#include "springbok/tensors/pickle/calls.h"

namespace springbok::tensors::pickle {

namespace {

/// OrderedDict() or OrderedDict([(key, value), ...]); Counter({...}) as well.
Id make_dict(Heap& heap, const std::vector<Id>& arguments, std::size_t first) {
  std::vector<Id> pairs;
  if (arguments.size() > first) {
    if (const auto* mapping = heap.as<Mapping>(arguments[first])) {
      heap.count_copies(heap.sequences[mapping->at].size());
      pairs = heap.sequences[mapping->at];
    } else {
      for (const Id item : heap.items(arguments[first], "a dictionary made of something else than pairs")) {
        const std::vector<Id>& pair = heap.items(item, "a dictionary made of something else than pairs");
        if (pair.size() != 2) heap.damaged("a dictionary made of something else than pairs");
        heap.count_copies(2);
        pairs.push_back(pair[0]);
        pairs.push_back(pair[1]);
      }
    }
  }
  return heap.add_dict(std::move(pairs));
}

Id make_list(Heap& heap, const std::vector<Id>& arguments) {
  if (arguments.empty()) return heap.add_list({});
  const std::vector<Id>& items = heap.items(arguments[0], "a list or set made of something else than a list");
  heap.count_copies(items.size());
  return heap.add_list(items);
}

/// The bytes that text stands for in Latin-1: each character one byte.
Id encode(Heap& heap, const std::vector<Id>& arguments) {
  if (arguments.empty()) return heap.add(Bytes{});
  const std::string_view text = heap.text(arguments[0], "bytes made of something else than text");
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      out.push_back(text[i]);
    } else if ((lead == 0xC2 || lead == 0xC3) && i + 1 < text.size()) {
      out.push_back(static_cast<char>((lead & 3) << 6 | (static_cast<unsigned char>(text[++i]) & 0x3F)));
    } else {
      heap.damaged("bytes outside Latin-1");
    }
  }
  return heap.add(Bytes{heap.add_decoded(std::move(out))});
}

/// torch.device('cuda', 0): the text `cuda:0`.
Id device(Heap& heap, const std::vector<Id>& arguments) {
  if (arguments.empty()) heap.damaged("a device without a name");
  std::string name(heap.text(arguments[0], "a device without a name"));
  if (arguments.size() > 1 && heap.as<std::int64_t>(arguments[1]) != nullptr) {
    name += ":" + std::to_string(*heap.as<std::int64_t>(arguments[1]));
  }
  return heap.add(Text{heap.add_decoded(std::move(name))});
}

Id tensor_argument(Heap& heap, const std::vector<Id>& arguments) {
  if (arguments.empty() || heap.as<TensorRef>(arguments[0]) == nullptr) heap.damaged("a parameter without a tensor");
  return arguments[0];
}

/// _rebuild_from_type_v2(function, type, arguments, state), for plain tensors and parameters with attributes.
Id rebuild_from_type(Heap& heap, const std::vector<Id>& arguments) {
  if (arguments.size() < 3) heap.damaged("a tensor of a class, without its arguments");
  const auto* function = heap.as<Class>(arguments[0]);
  const auto* type = heap.as<Class>(arguments[1]);
  if (function == nullptr || type == nullptr || type->known != Known::tensor_type) {
    heap.damaged("a tensor of a class that is none");
  }
  const bool plain = function->known == Known::rebuild_tensor || function->known == Known::rebuild_tensor_v3 ||
                     function->known == Known::rebuild_parameter;
  if (!plain) heap.damaged("a tensor made by something else than a tensor's function");
  return call(heap, arguments[0], arguments[2]);
}

Id first_argument(Heap& heap, const std::vector<Id>& arguments) {
  if (arguments.empty()) heap.damaged("a call without arguments");
  return arguments[0];
}

/// copyreg._reconstructor(class, base, state): an object of a class that is kept as Opaque.
Id reconstruct(Heap& heap, const std::vector<Id>& arguments) {
  const auto* type = heap.as<Class>(first_argument(heap, arguments));
  if (type == nullptr || type->known != Known::opaque) heap.damaged("an object of something that is no class");
  return heap.add(Instance{type->name});
}

Id new_array(Heap& heap) {
  heap.arrays.emplace_back();
  return heap.add(NumpyArray{static_cast<std::uint32_t>(heap.arrays.size() - 1)});
}

}  // namespace

Id call(Heap& heap, Id callee, Id arguments_id) {
  const auto* type = heap.as<Class>(callee);
  if (type == nullptr) heap.damaged("a call of something that is no class or function");
  const Class known = *type;
  const std::vector<Id>& arguments = heap.items(arguments_id, "a call without a tuple of arguments");
  switch (known.known) {
    case Known::dict:
      return make_dict(heap, arguments, 0);
    case Known::default_dict:
      return make_dict(heap, arguments, 1);
    case Known::list:
      return make_list(heap, arguments);
    case Known::bytes:
    case Known::encode:
      return encode(heap, arguments);
    case Known::device:
      return device(heap, arguments);
    case Known::layout:
      return first_argument(heap, arguments);
    case Known::rebuild_tensor:
      return rebuild_tensor(heap, arguments);
    case Known::rebuild_tensor_v3:
      return rebuild_tensor_v3(heap, arguments);
    case Known::rebuild_parameter:
      return tensor_argument(heap, arguments);
    case Known::rebuild_from_type:
      return rebuild_from_type(heap, arguments);
    case Known::numpy_dtype:
      return numpy_dtype(heap, arguments);
    case Known::numpy_scalar:
      return numpy_scalar(heap, arguments);
    case Known::numpy_reconstruct:
      return new_array(heap);
    case Known::numpy_from_buffer:
      return numpy_from_buffer(heap, arguments);
    case Known::reconstruct:
      return reconstruct(heap, arguments);
    case Known::opaque:
      return heap.add(Instance{known.name});
    case Known::storage:
    case Known::untyped_storage:
    case Known::dtype:
    case Known::tensor_type:
    case Known::numpy_array_type:
    case Known::type:
      break;
  }
  heap.damaged(format("a call of '{}'", printable(heap.names[known.name])));
}

void build(Heap& heap, Id object, Id state) {
  if (heap.as<NumpyDType>(object) != nullptr) {
    build_numpy_dtype(heap, object, state);
  } else if (heap.as<NumpyArray>(object) != nullptr) {
    build_numpy_array(heap, object, state);
  } else if (heap.as<Mapping>(object) == nullptr && heap.as<Instance>(object) == nullptr &&
             heap.as<TensorRef>(object) == nullptr && heap.as<Listing>(object) == nullptr) {
    heap.damaged("attributes of something that has none");
  }
}

std::vector<std::int64_t> integers(const Heap& heap, Id tuple, const char* what) {
  std::vector<std::int64_t> numbers;
  for (const Id item : heap.items(tuple, what)) numbers.push_back(heap.integer(item, what));
  return numbers;
}

}  // namespace springbok::tensors::pickle
