// Reads a file, finds its state dict and what of it is a network's, copies every tensor and writes the tree again.
#include "fuzz/tensors_exercise.h"

#include "springbok/base/error.h"
#include "springbok/tensors/convert.h"
#include "springbok/tensors/finite.h"
#include "springbok/tensors/pickle/writer.h"
#include "springbok/tensors/read.h"
#include "springbok/weights/fit/match.h"
#include "springbok/zoo/zoo.h"

namespace springbok::weights {

namespace {

template <class Action>
void expect_error(Action&& action) {
  try {
    action();
  } catch (const Error&) {
  }
}

void copy_tensors(const tensors::Value& value) {
  if (const auto* tensor = std::get_if<tensors::Tensor>(&value.data)) {
    contiguous(*tensor);
    if (is_float(tensor->dtype)) convert(*tensor, tensors::DType::bf16);
  } else if (const auto* list = std::get_if<tensors::List>(&value.data)) {
    for (const tensors::Value& item : *list) copy_tensors(item);
  } else if (const auto* dict = std::get_if<tensors::Dict>(&value.data)) {
    for (const auto& item : *dict) copy_tensors(item.value);
  }
}

}  // namespace

void exercise(std::span<const std::byte> bytes) {
  expect_error([&] {
    const tensors::File file = tensors::read(bytes, nullptr, "fuzz");
    copy_tensors(file.root);
    expect_error([&] { state_dict(file); });
    expect_error([&] {
      static const graph::Graph graph = zoo::build("resnet20");
      const Fit found = fit("resnet20", graph, named_tensors(file));
      report(found.match);
      for (const auto& item : found.dict) first_not_finite(item.second);
    });
    expect_error([&] { tensors::PickleWriter("fuzz").write(file.root); });
  });
}

}  // namespace springbok::weights
