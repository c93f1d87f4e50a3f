// Opening what a recipe names, and running it.
#include "springbok/train/loop.h"

#include <memory>

#include "springbok/engine/threads.h"
#include "springbok/train/run_loop.h"
#include "springbok/train/together.h"

namespace springbok::train {
namespace {

recipe::Network network_of(const TrainSettings& settings) {
  return settings.own.graph == nullptr ? recipe::Network::zoo : recipe::Network::own;
}

/// Of several ranks the first makes and locks the folder, the others then find it.
Start prepared(const recipe::Recipe& recipe, const recipe::Given& given, const TrainSettings& settings) {
  engine::Group& group = group_of(settings);
  std::optional<Start> start;
  on_first_rank(group, [&] { start = prepare(recipe, given, network_of(settings)); });
  all_or_none(group, [&] {
    if (!start) start = prepare(recipe, given, network_of(settings), false);
  });
  return std::move(*start);
}

Outcome run(Start start, const data::Source& training, const data::Source& validation, const TrainSettings& settings) {
  all_or_none(group_of(settings), [&] { settle(start, training, validation); });
  engine::set_compute_threads(static_cast<int>(start.recipe.threads));
  return Loop(std::move(start), training, validation, settings).run();
}

}  // namespace

Outcome train(const recipe::Recipe& recipe, const recipe::Given& given, const data::Source& training,
              const data::Source& validation, const TrainSettings& settings) {
  return run(prepared(recipe, given, settings), training, validation, settings);
}

Outcome train(const recipe::Recipe& recipe, const recipe::Given& given, const TrainSettings& settings) {
  Start start = prepared(recipe, given, settings);
  data::Damaged damaged;
  TrainSettings told = settings;
  told.damaged = &damaged;
  const auto open = [&, &r = start.recipe](const data::Split& split) {
    auto source = data::open_source(r.data, split, {.val_share = r.val_share});
    return data::limited(data::with_damaged(std::move(source), r.damaged_jpeg, damaged), r.limit);
  };
  std::unique_ptr<data::Source> training, validation;
  all_or_none(group_of(settings), [&] {
    training = open(data::Split::train);
    validation = open(data::Split::val);
  });
  return run(std::move(start), *training, *validation, told);
}

}  // namespace springbok::train
