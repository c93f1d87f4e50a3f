// Counting batches and steps.
#include "springbok/recipe/pace.h"

#include <algorithm>

#include "springbok/base/error.h"
#include "springbok/data/load/loader.h"
#include "springbok/recipe/feed.h"

namespace springbok::recipe {

std::int64_t Pace::batches_in_step(std::int64_t step_in_epoch) const {
  return std::min(accumulate, batches_per_epoch - step_in_epoch * accumulate);
}

std::int64_t Pace::images_in_step(std::int64_t step_in_epoch) const {
  return std::min(images_per_step, images_per_epoch - step_in_epoch * images_per_step);
}

std::int64_t Pace::images_in_mean(std::int64_t step_in_epoch) const {
  return summed ? batch : images_in_step(step_in_epoch);
}

Pace pace_of(const Recipe& recipe, std::int64_t images) {
  check_ranges(recipe);
  Pace pace{.batch = recipe.batch_size, .accumulate = batches_a_step(recipe)};
  pace.summed = recipe.accumulate_form == AccumulateForm::elastic;
  pace.images_per_step = pace.batch * pace.accumulate;
  pace.batches_per_epoch = data::batches_per_epoch(images, pace.batch, recipe.drop_last || recipe.drop_last_step);
  if (recipe.drop_last_step) {
    pace.left_over = pace.batches_per_epoch % pace.accumulate;
    pace.batches_per_epoch -= pace.left_over;
  }
  pace.images_per_epoch = std::min(images, pace.batches_per_epoch * pace.batch);
  pace.steps_per_epoch = (pace.batches_per_epoch + pace.accumulate - 1) / pace.accumulate;
  return pace;
}

void check_training_sizes(const graph::Graph& graph, const Recipe& recipe) {
  if (recipe.progressive.size == 0 && recipe.train_size == 0) return;
  const std::int64_t full = full_training_size(recipe);
  std::int64_t checked = 0;
  for (std::int64_t epoch = 0; checked < full; ++epoch) {
    const std::int64_t size = training_size(recipe, epoch);
    if (size == checked) continue;
    checked = size;
    try {
      graph::infer(graph, {1, recipe.preprocess.channels, size, size});
    } catch (const Error& error) {
      fail_usage("{}: epoch {} has images of {} x {}, and {}",
                 recipe.progressive.size > 0 ? "--progressive-size" : "--train-size", epoch + 1, size, size,
                 error.what());
    }
  }
}

void check_outputs(const graph::Graph& graph, const Recipe& recipe) {
  if (recipe.task != TaskChoice::segment) return;
  const std::int64_t size = full_training_size(recipe);
  const graph::Shape shape = graph::infer(graph, {2, recipe.preprocess.channels, size, size})[graph.output()];
  if (shape == graph::Shape{2, recipe.options.classes, size, size}) return;
  if (shape.size() != 4) fail_usage("--task segment: the output of {} does not score pixels", recipe.model);
  fail_usage("--size: of crops of {} x {} pixels {} scores {} x {}; take another size, such as {}", size, size,
             recipe.model, shape[2], shape[3], size + 1);
}

void check_last_batch(const graph::Graph& graph, const Recipe& recipe, std::int64_t images, int ranks) {
  const bool dropped = recipe.drop_last || recipe.drop_last_step;
  const std::int64_t last = dropped ? recipe.batch_size : images % recipe.batch_size;
  const auto has_single = [&](std::int64_t batch) { return batch > 0 && batch < 2 * ranks; };
  if (!has_single(recipe.batch_size) && !has_single(last)) return;
  const data::Preprocess& p = recipe.preprocess;
  const std::int64_t least = training_size(recipe, 0);
  const std::vector<graph::Shape> shapes = graph::infer(graph, {1, p.channels, least, least});
  for (std::size_t id = 0; id < shapes.size(); ++id) {
    const graph::Shape& shape = shapes[id];
    const auto* norm = std::get_if<graph::Norm>(&graph.nodes()[id].op);
    if (norm == nullptr || norm->kind == graph::NormKind::frozen || shape.size() != 4 || shape[2] * shape[3] > 1)
      continue;
    const std::string layer = graph::label(graph, static_cast<graph::NodeId>(id));
    if (ranks == 1) {
      fail_usage(
          "--batch-size: {} leaves a last batch of one image, of which {} sees a single value; take another size, or "
          "--drop-last",
          recipe.batch_size, layer);
    }
    if (norm->kind == graph::NormKind::sync && recipe.batch_size > 1 && last != 1) continue;
    fail_usage(
        "--batch-size: of {} images a rank of {} has one in some batch, of which {} sees a single value; take a larger "
        "batch, fewer ranks, --drop-last or --norm syncbn",
        recipe.batch_size, ranks, layer);
  }
}

}  // namespace springbok::recipe
