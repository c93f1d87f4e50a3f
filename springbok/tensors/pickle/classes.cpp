// The table of allowed globals. None of them is ever imported or run: each stands for a few lines of ours.
#include "springbok/tensors/pickle/classes.h"

#include <algorithm>
#include <unordered_map>

namespace springbok::tensors::pickle {

namespace {

struct Row {
  std::string_view name;
  Known known;
  DType dtype = DType::u8;
};

constexpr Row kRows[] = {
    {"collections.OrderedDict", Known::dict},
    {"collections.Counter", Known::dict},
    {"collections.defaultdict", Known::default_dict},
    {"collections.deque", Known::list},
    {"builtins.dict", Known::dict},
    {"builtins.list", Known::list},
    {"builtins.tuple", Known::list},
    {"builtins.set", Known::list},
    {"builtins.frozenset", Known::list},
    {"builtins.bytearray", Known::bytes},
    {"builtins.bytes", Known::bytes},
    {"builtins.int", Known::type},
    {"builtins.float", Known::type},
    {"builtins.bool", Known::type},
    {"builtins.str", Known::type},
    {"builtins.object", Known::type},
    {"_codecs.encode", Known::encode},
    {"copyreg._reconstructor", Known::reconstruct},
    {"copyreg.__newobj__", Known::reconstruct},
    {"copyreg.__newobj_ex__", Known::reconstruct},
    {"torch.Size", Known::list},
    {"torch.device", Known::device},
    {"torch.serialization._get_layout", Known::layout},
    {"torch._utils._rebuild_tensor", Known::rebuild_tensor},
    {"torch._utils._rebuild_tensor_v2", Known::rebuild_tensor},
    {"torch._utils._rebuild_tensor_v3", Known::rebuild_tensor_v3},
    {"torch._utils._rebuild_parameter", Known::rebuild_parameter},
    {"torch._utils._rebuild_parameter_with_state", Known::rebuild_parameter},
    {"torch._tensor._rebuild_from_type_v2", Known::rebuild_from_type},
    {"torch.Tensor", Known::tensor_type},
    {"torch.nn.parameter.Parameter", Known::tensor_type},
    {"torch.nn.parameter.Buffer", Known::tensor_type},
    {"torch.storage.UntypedStorage", Known::untyped_storage},
    {"torch.UntypedStorage", Known::untyped_storage},
    {"torch.DoubleStorage", Known::storage, DType::f64},
    {"torch.FloatStorage", Known::storage, DType::f32},
    {"torch.HalfStorage", Known::storage, DType::f16},
    {"torch.BFloat16Storage", Known::storage, DType::bf16},
    {"torch.LongStorage", Known::storage, DType::i64},
    {"torch.IntStorage", Known::storage, DType::i32},
    {"torch.ShortStorage", Known::storage, DType::i16},
    {"torch.CharStorage", Known::storage, DType::i8},
    {"torch.ByteStorage", Known::storage, DType::u8},
    {"torch.BoolStorage", Known::storage, DType::boolean},
    {"torch.float64", Known::dtype, DType::f64},
    {"torch.float32", Known::dtype, DType::f32},
    {"torch.float16", Known::dtype, DType::f16},
    {"torch.bfloat16", Known::dtype, DType::bf16},
    {"torch.int64", Known::dtype, DType::i64},
    {"torch.int32", Known::dtype, DType::i32},
    {"torch.int16", Known::dtype, DType::i16},
    {"torch.int8", Known::dtype, DType::i8},
    {"torch.uint8", Known::dtype, DType::u8},
    {"torch.bool", Known::dtype, DType::boolean},
    {"numpy.dtype", Known::numpy_dtype},
    {"numpy.ndarray", Known::numpy_array_type},
    {"numpy.core.multiarray.scalar", Known::numpy_scalar},
    {"numpy.core.multiarray._reconstruct", Known::numpy_reconstruct},
    {"numpy.core.numeric._frombuffer", Known::numpy_from_buffer},
    {"argparse.Namespace", Known::opaque},
    {"types.SimpleNamespace", Known::opaque},
    {"builtins.complex", Known::opaque},
    {"builtins.range", Known::opaque},
    {"builtins.slice", Known::opaque},
    {"builtins.type", Known::opaque},
    {"builtins.Ellipsis", Known::opaque},
    {"builtins.NotImplemented", Known::opaque},
    {"builtins.memoryview", Known::type},
    {"collections.UserDict", Known::opaque},
    {"collections.UserList", Known::opaque},
    {"collections.UserString", Known::opaque},
    {"collections.ChainMap", Known::opaque},
    {"fractions.Fraction", Known::opaque},
    {"functools.partial", Known::opaque},
    {"uuid.UUID", Known::opaque},
    {"easydict.EasyDict", Known::opaque},
    {"yacs.config.CfgNode", Known::opaque},
    {"fvcore.common.config.CfgNode", Known::opaque},
    {"mmengine.logging.history_buffer.HistoryBuffer", Known::opaque},
    {"torch.torch_version.TorchVersion", Known::opaque},
    {"typing.Any", Known::opaque},
};

/// Packages whose objects describe a run (paths, dates, configurations), kept as Opaque.
constexpr std::string_view kOpaquePackages[] = {"pathlib.",   "datetime.",        "decimal.",
                                                "itertools.", "omegaconf.",       "pytorch_lightning.",
                                                "lightning.", "mmengine.config.", "mmengine.logging."};

/// Python 3's name of what protocol 2, which torch.save writes, calls as Python 2 did.
std::string_view renamed_in_python3(std::string_view name) {
  static constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"__builtin__.long", "builtins.int"},
      {"__builtin__.unicode", "builtins.str"},
      {"__builtin__.basestring", "builtins.str"},
      {"__builtin__.xrange", "builtins.range"},
      {"exceptions.StandardError", "builtins.Exception"},
      {"UserDict.UserDict", "collections.UserDict"},
      {"UserDict.IterableUserDict", "collections.UserDict"},
      {"UserList.UserList", "collections.UserList"},
      {"UserString.UserString", "collections.UserString"},
  };
  for (const auto& [old, now] : kNames) {
    if (name == old) return now;
  }
  return name;
}

/// Today's name of what was called otherwise: in Python 2, NumPy 2, PyTorch's older forms and CUDA storages.
std::string modern(const std::string& old_name) {
  const std::string name(renamed_in_python3(old_name));
  static constexpr std::pair<std::string_view, std::string_view> kPrefixes[] = {
      {"__builtin__.", "builtins."},       {"copy_reg.", "copyreg."}, {"exceptions.", "builtins."},
      {"numpy._core.", "numpy.core."},     {"torch.cuda.", "torch."}, {"torch._tensor.Tensor", "torch.Tensor"},
      {"torch.tensor.", "torch._tensor."},
  };
  for (const auto& [old, now] : kPrefixes) {
    if (name.starts_with(old)) return std::string(now) + name.substr(old.size());
  }
  return name;
}

const std::unordered_map<std::string_view, Row>& table() {
  static const auto* const kTable = [] {
    auto* map = new std::unordered_map<std::string_view, Row>;
    for (const Row& row : kRows) map->emplace(row.name, row);
    return map;
  }();
  return *kTable;
}

bool in_opaque_package(std::string_view name) {
  constexpr std::size_t kLongest = 200;  // each use keeps a copy
  if (name.size() > kLongest) return false;
  for (const std::string_view package : kOpaquePackages) {
    if (name.starts_with(package)) return true;
  }
  return false;
}

/// `builtins.ValueError`: an error that a script kept, with its text.
bool is_exception(std::string_view name) {
  static constexpr std::string_view kOthers[] = {"StopIteration", "KeyboardInterrupt", "SystemExit", "GeneratorExit"};
  if (!name.starts_with("builtins.")) return false;
  name.remove_prefix(std::string_view("builtins.").size());
  if (name.find('.') != std::string_view::npos || name.size() > 30) return false;
  return name.ends_with("Error") || name.ends_with("Warning") || name.ends_with("Exception") ||
         std::find(std::begin(kOthers), std::end(kOthers), name) != std::end(kOthers);
}

/// `torch.ComplexFloatStorage`, `torch.uint16`, `torch.float8_e4m3fn`, ...
bool names_element_type(std::string_view name) {
  if (!name.starts_with("torch.")) return false;
  if (name.ends_with("Storage")) return true;
  const std::string_view type = name.substr(6);
  for (const std::string_view prefix : {"complex", "float", "int", "uint", "qint", "quint", "bits"}) {
    const std::string_view rest = type.substr(std::min(type.size(), prefix.size()));
    if (type.starts_with(prefix) && !rest.empty() && rest[0] >= '0' && rest[0] <= '9') return true;
  }
  return false;
}

}  // namespace

Class find_class(Heap& heap, const std::string& name) {
  const std::string now = modern(name);
  const auto row = table().find(now);
  if (row != table().end()) return {row->second.known, row->second.dtype, heap.add_name(now)};
  if (in_opaque_package(now) || is_exception(now)) return {Known::opaque, DType::u8, heap.add_name(now)};
  if (names_element_type(name)) {
    fail("{}: holds a '{}' of an element type that Springbok has not; convert it with torch and re-save it", heap.file,
         printable(name));
  }
  fail("{}: holds a '{}' object, which is not plain data; re-save it as a state_dict", heap.file, printable(name));
}

}  // namespace springbok::tensors::pickle
