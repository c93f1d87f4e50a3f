// A Python extension as its linker sees it: a shared library on Springbok that leaves Python's own functions to the
// interpreter that loads it. (Loaded by extension_test.py; no Python headers are needed for this.)
#include <springbok/base/error.h>
#include <springbok/data/augment/transform.h>
#include <springbok/engine/executor.h>
#include <springbok/model/network.h>
#include <springbok/zoo/zoo.h>

extern "C" {

struct _object;
_object* PyLong_FromLong(long value);
_object* PyUnicode_FromString(const char* text);

/// How many parameters the network has, as a Python int; what is wrong, as a str.
_object* count_parameters(const char* model) try {
  const springbok::graph::Graph net = springbok::zoo::build(model);
  const springbok::engine::State state = springbok::engine::initialise(net, 1);
  long count = 0;
  for (const at::Tensor& tensor : state.tensors) count += tensor.requires_grad() ? tensor.numel() : 0;
  return PyLong_FromLong(count);
} catch (const springbok::Error& error) {
  return PyUnicode_FromString(error.what());
}

/// The network of a weight file and its classes, as a Python str.
_object* open_weights(const char* path) try {
  const auto network = springbok::model::open_network(path);
  return PyUnicode_FromString((network->card.model + " " + network->card.classes.at(0)).c_str());
} catch (const springbok::Error& error) {
  return PyUnicode_FromString(error.what());
}
}
