// docs/models.md: every model with its cost, its published accuracy and its paper.
#include "springbok/zoo/models_document.h"

#include <algorithm>

#include "springbok/base/text.h"
#include "springbok/graph/cost.h"
#include "springbok/zoo/zoo.h"

namespace springbok::zoo {
namespace {

std::string intro() {
  const auto& all = models();
  const auto compared = std::count_if(all.begin(), all.end(), [](const ModelInfo& model) { return model.top1 > 0; });
  return format(
      "# The models\n\n"
      "{} networks, {} of them with a published ImageNet accuracy. This page is made by `springbok models list "
      "--markdown`.\n\n"
      "- **params** are the trainable ones, **MACs** the multiply-accumulates of convolutions and linear layers, both "
      "for "
      "1000 classes\n"
      "  at the **input** size in the table. **Elastic FLOPs** are counted as Elastic's own counter does: a "
      "multiply-accumulate once, 2 an\n"
      "  element for batch norm, 1 for ReLU, 8 for upsampling. What it does not see counts nothing.\n"
      "- **top-1** and **top-5** are the published accuracies in percent at that input size; - where none is known. "
      "The "
      "source states\n"
      "  them, or who is named under **accuracy from**: the paper, timm for weights that it converted, or another "
      "repository.\n"
      "- **source** says whose weights and keys the network has. `elastic/NAME` and `modelzoo/NAME` are the forms of "
      "these "
      "two sources where\n"
      "  their keys or structure differ from the plain network's.\n",
      all.size(), compared);
}

std::string percent(double value) {
  return value > 0 ? format("{:.2f}", value) : "-";
}

/// `He et al. 2016, arXiv:1512.03385` with the number as a link.
std::string linked(const std::string& paper) {
  const std::size_t at = paper.find("arXiv:");
  if (at == std::string::npos) return paper;
  const std::string number = paper.substr(at + 6);
  return format("{}[{}](https://arxiv.org/abs/{})", paper.substr(0, at), paper.substr(at), number);
}

std::string or_dash(const std::string& text) {
  return text.empty() ? "-" : text;
}

std::string row(const ModelInfo& model) {
  const graph::Cost cost = graph::cost(build(model.name), model.input, model.input);
  const auto giga = [](std::int64_t count) { return format("{:.3f} G", static_cast<double>(count) / 1e9); };
  return format("| `{}` | {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", model.name, with_commas(cost.params),
                giga(cost.macs), giga(cost.elastic_flops), model.input, percent(model.top1), percent(model.top5),
                or_dash(accuracy_source(model)), model.source, linked(model.paper));
}

}  // namespace

std::string models_document() {
  std::string text = intro();
  std::string family;
  for (const ModelInfo& model : models()) {
    if (model.family != family) {
      family = model.family;
      text += format(
          "\n## {}\n\n"
          "| model | params | MACs | Elastic FLOPs | input | top-1 | top-5 | accuracy from | source | paper |\n"
          "| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- | --- | --- |\n",
          family);
    }
    text += row(model);
  }
  return text;
}

}  // namespace springbok::zoo
