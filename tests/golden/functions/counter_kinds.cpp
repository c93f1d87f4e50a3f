// Golden files of what counts parameters and FLOPs: torch-toolbox's summary, Elastic's counter.
#include <algorithm>

#include "springbok/base/error.h"
#include "springbok/base/text.h"
#include "springbok/graph/cost.h"
#include "springbok/graph/toolbox_count.h"
#include "springbok/zoo/factory.h"
#include "springbok/zoo/variants.h"
#include "tests/golden/functions/layer_text.h"
#include "tests/golden/functions/module_run.h"

namespace springbok::golden {

using nlohmann::json;

namespace {

/// (N,C) as a map of one pixel.
graph::Shape as_map(graph::Shape shape) {
  shape.resize(4, 1);
  return shape;
}

/// The paddings that a layer's text may mean where it says none: none, and what keeps the size.
std::vector<std::int64_t> paddings_of(const std::string& text) {
  const bool open = text.find("Conv2d(") != std::string::npos && text.find("padding") == std::string::npos;
  return open ? std::vector<std::int64_t>{0, -1} : std::vector<std::int64_t>{0};
}

void compare_toolbox_layer(Sheet& sheet, const json& row) {
  const std::string text = row["layer"];
  const graph::Shape input = row["input"];
  std::vector<std::int64_t> flops;
  for (const std::int64_t padding : paddings_of(text)) {
    const graph::Graph network = network_of(text, input, padding);
    const graph::ToolboxCount count = graph::toolbox_count(network, as_map(input));
    sheet.equal(text + ": params", count.params, row["params"]);
    flops.push_back(count.flops);
  }
  const auto wanted = row["flops_m_plus_a"].get<std::int64_t>();
  const bool found = std::find(flops.begin(), flops.end(), wanted) != flops.end();
  sheet.expect(found, format("{}: {} FLOPs instead of {}", text, flops.front(), wanted));
}

/// The counts that the original prints stand in its last lines as we have them.
void compare_lines(Sheet& sheet, const json& row, const graph::ToolboxCount& count, std::int64_t trainable) {
  const std::string lines = row.value("last_lines", json::array()).dump();
  for (const auto& [what, number] : {std::pair("Total parameters: ", count.params),
                                     {"Trainable parameters: ", trainable},
                                     {"Non-trainable parameters: ", count.params - trainable},
                                     {"Total flops(M) : ", count.half()},
                                     {"Total flops(M+A): ", count.flops}}) {
    if (lines.find(what) == std::string::npos) continue;
    sheet.expect(lines.find(what + with_commas(number)) != std::string::npos,
                 format("{}: {}{}", row["model"].dump(), what, with_commas(number)));
  }
}

void compare_toolbox_network(Sheet& sheet, const json& row) {
  const std::string name = row["model"];
  graph::Graph network;
  try {
    network = zoo::build(zoo::factory_model("PistonY/ModelZoo.pytorch", "models:" + name, "{}"));
  } catch (const UsageError& error) {
    return sheet.unknown(format("network {}: {}", name, error.what()));
  }
  const graph::ToolboxCount count = graph::toolbox_count(network, {1, 3, 224, 224});
  const std::int64_t trainable = graph::count_params(network);
  sheet.equal(name + ": params_counted", count.params, row["params_counted"]);
  sheet.equal(name + ": parameters", trainable, row["parameters"]);
  sheet.equal(name + ": flops_m_plus_a", count.flops, row["flops_m_plus_a"]);
  sheet.equal(name + ": flops_m", count.half(), row["flops_m"]);
  if (row.contains("macs_conv_linear"))
    sheet.equal(name + ": macs", graph::cost(network, 224, 224).macs, row["macs_conv_linear"]);
  compare_lines(sheet, row, count, trainable);
}

}  // namespace

void check_toolbox_counter(Sheet& sheet) {
  for (const json& row : sheet.file.value("layers", json::array())) {
    try {
      compare_toolbox_layer(sheet, row);
    } catch (const std::exception& error) {
      sheet.unknown(format("{}: {}", row["layer"].dump(), error.what()));
    }
  }
  for (const json& row : sheet.file.value("cases", json::array())) compare_toolbox_network(sheet, row);
}

namespace {

/// What the whole and its upsampling cost for one image.
struct ElasticCount {
  std::int64_t all = 0, upsampling = 0;
};

ElasticCount count_of(const graph::Graph& network, const graph::Shape& input) {
  ElasticCount count;
  for (const graph::LayerCost& layer : graph::cost(network, input[2], input[3]).layers) {
    const graph::Node& node = network.node(layer.node);
    if (node.path.ends_with("downsample.1")) continue;  // the file's block has a convolution alone there
    count.all += layer.elastic_flops;
    if (std::holds_alternative<graph::Upsample>(node.op)) count.upsampling += layer.elastic_flops;
  }
  return count;
}

/// `BottleneckX(16, 8, cardinality 4, elastic, downsample 1x1)`.
graph::Graph block_of(const LayerCall& call, const graph::Shape& input) {
  graph::Graph network;
  const graph::Value x = graph::input(network, input[1]);
  const zoo::ElasticBlock block{.planes = call.number(1, "planes", 0),
                                .groups = call.number(2, "cardinality", 32),
                                .elastic = call.says("elastic")};
  graph::output(zoo::elastic_resnext_block({&network, "block"}, x, block));
  return network;
}

/// The original adds an elastic block's upsampling at each pass, counting or not, for a batch's first image only.
void compare_elastic_block(Sheet& sheet, const json& row) {
  const std::string text = row["layer"];
  const graph::Shape input = row["input"];
  const ElasticCount count = count_of(block_of(calls_of(text).front(), input), input);
  const json passes = row.value("forward_passes", json::object());
  const std::int64_t before = passes.value("before_counting_was_set_up", 0),
                     counting = passes.value("while_counting", 1);
  const std::int64_t images = counting * input[0];
  const auto published = [&](std::int64_t more) {
    return ((count.all - count.upsampling) * images + count.upsampling * (before + counting + more)) / images;
  };
  sheet.equal(text, published(0), row["flops_per_image"]);
  if (row.contains("after_one_more_pass_with_counting_stopped"))
    sheet.equal(text + ", one more pass", published(1), row["after_one_more_pass_with_counting_stopped"]);
}

void compare_elastic_layer(Sheet& sheet, const json& row) {
  const std::string text = row["layer"];
  if (text.starts_with("BottleneckX(")) return compare_elastic_block(sheet, row);
  const graph::Shape input = row["input"];
  const bool unlike = text.starts_with("Linear") && input.size() != 2;
  if (unlike) return;  // no layer of ours, and counted wrongly there
  const graph::Graph network = network_of(text, input);
  sheet.equal(text, count_of(network, as_map(input)).all, row["flops_per_image"]);
}

}  // namespace

void check_elastic_counter(Sheet& sheet) {
  for (const json& row : sheet.at("layers")) {
    try {
      compare_elastic_layer(sheet, row);
    } catch (const std::exception& error) {
      sheet.unknown(format("{}: {}", row["layer"].dump(), error.what()));
    }
  }
}

}  // namespace springbok::golden
