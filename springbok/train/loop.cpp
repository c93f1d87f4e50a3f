// Opening what a recipe names, and running it.
#include "springbok/train/loop.h"

#include <functional>
#include <memory>
#include <optional>

#include "springbok/engine/threads.h"
#include "springbok/train/run_loop.h"
#include "springbok/train/together.h"

namespace springbok::train {
namespace {

recipe::Network network_of(const TrainSettings& settings) {
  return settings.own.graph == nullptr ? recipe::Network::zoo : recipe::Network::own;
}

/// What only several ranks make use of.
void check_ranks(const recipe::Recipe& recipe, const recipe::Given& given, const engine::Group& group) {
  if (group.size() > 1) return;
  const recipe::RankSettings& asked = recipe.ranks;
  const recipe::RankSettings usual;
  const auto needs_ranks = [&](const char* key, bool is_usual) {
    const auto where = given.find(key);
    if (is_usual || where == given.end()) return;
    fail_usage("{}: has no effect here; it needs several ranks, as --ranks 2 starts them", where->second);
  };
  needs_ranks("bn_stats", asked.bn_stats == usual.bn_stats);
  needs_ranks("eval", asked.eval == usual.eval);
  needs_ranks("compress", asked.compress == usual.compress);
}

/// Of several ranks the first makes and locks the folder, the others then find it.
Start prepared(const recipe::Recipe& recipe, const recipe::Given& given, const TrainSettings& settings) {
  engine::Group& group = group_of(settings);
  check_ranks(recipe, given, group);
  std::optional<Start> start;
  const auto prepare_as = [&](bool leads) {
    start = prepare(recipe, given, network_of(settings), {.leads = leads, .ranks = group.size()});
  };
  on_first_rank(group, [&] { prepare_as(true); });
  all_or_none(group, [&] {
    if (!start) prepare_as(false);
  });
  return std::move(*start);
}

Outcome run(Start start, const data::Source& training, const data::Source& validation, const TrainSettings& settings) {
  engine::Group& group = group_of(settings);
  std::optional<Loop> loop;
  all_or_none(group, [&] {
    settle(start, training, validation);
    engine::set_compute_threads(static_cast<int>(start.recipe.threads));
    loop.emplace(std::move(start), training, validation, settings);
  });
  return loop->run();
}

/// A rank that ends by itself lets the others know, who wait for it.
Outcome or_leave(const TrainSettings& settings, const std::function<Outcome()>& work) {
  engine::Group& group = group_of(settings);
  if (group.size() == 1) return work();
  try {
    return work();
  } catch (const engine::RankLost&) {
    throw;
  } catch (const EndedElsewhere&) {
    group.leave();
    throw;
  } catch (const UsageError&) {
    group.leave();
    throw;
  } catch (const Error& error) {
    group.leave();
    const std::string rank = format("rank {} of {}", group.rank(), group.size()), what = error.what();
    if (what.find(rank) != std::string::npos) throw;
    fail("{}: {}", rank, what);
  } catch (...) {
    group.leave();
    throw;
  }
}

}  // namespace

Outcome train(const recipe::Recipe& recipe, const recipe::Given& given, const data::Source& training,
              const data::Source& validation, const TrainSettings& settings) {
  return or_leave(settings, [&] { return run(prepared(recipe, given, settings), training, validation, settings); });
}

Outcome train(const recipe::Recipe& recipe, const recipe::Given& given, const TrainSettings& settings) {
  return or_leave(settings, [&] {
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
  });
}

}  // namespace springbok::train
