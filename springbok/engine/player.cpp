// When a pass is captured, and when it is played.
#include "springbok/engine/player.h"

#include <ATen/core/grad_mode.h>
#include <c10/util/Exception.h>

#include "springbok/base/text.h"
#include "springbok/engine/captured.h"

namespace springbok::engine {

namespace {

constexpr int kTimes = 3;

/// The first node that drops at random; "" where there is none.
std::string dropping(const graph::Graph& graph) {
  for (const graph::Node& node : graph.nodes()) {
    const bool drops = std::holds_alternative<graph::Dropout>(node.op) ||
                       std::holds_alternative<graph::DropPath>(node.op) ||
                       std::holds_alternative<graph::DropBlock>(node.op);
    if (drops) return node.path;
  }
  return "";
}

std::vector<const void*> places_of(const State& state) {
  std::vector<const void*> places;
  for (const at::Tensor& tensor : state.tensors) places.push_back(tensor.const_data_ptr());
  return places;
}

}  // namespace

Player::Player(const graph::Graph& graph, const Executor& executor, bool wanted)
    : graph_(graph), executor_(executor), wanted_(wanted) {}

Player::~Player() = default;

std::string Player::obstacle(const at::Tensor& input, const Pass& pass) const {
  if (const std::string where = dropping(graph_); !where.empty()) {
    return format("{} drops at random, by what the host draws", where);
  }
  if (pass.recompute) return "blocks run again in backward";
  if (pass.auxiliary != nullptr && graph_.auxiliary() >= 0) return "the network has a second output";
  if (pass.group->size() > 1) return "several ranks share a step";
  return why_no_graphs(input.device().type());
}

/// The shape is the last one, and came often enough.
bool Player::seen_often(const at::Tensor& input) {
  const bool same = input.sizes() == at::IntArrayRef(last_);
  if (!same) last_ = input.sizes().vec();
  times_ = same ? times_ + 1 : 1;
  return times_ > kTimes;
}

/// What was captured is of that shape, and the state's tensors are where they were.
bool Player::fits(const State& state, const at::Tensor& input) const {
  return captured_ != nullptr && input.sizes() == at::IntArrayRef(shape_) && places_of(state) == places_;
}

void Player::capture(const State& state, const at::Tensor& input, const Pass& pass) {
  try {
    captured_.reset();
    captured_ = engine::capture(executor_, state, input, pass);
    places_ = places_of(state);
    shape_ = input.sizes().vec();
    note_ = format("forward and backward of {} images are captured, and played from here on", input.size(0));
  } catch (const c10::Error& error) {
    const std::string text = error.what_without_backtrace();
    note_ = format("not captured: {}", text.substr(0, text.find('\n')));
    wanted_ = false;
  } catch (const Error& error) {
    note_ = format("not captured: {}", error.what());
    wanted_ = false;
  }
}

at::Tensor Player::forward(const State& state, const at::Tensor& input, const Pass& pass) {
  const bool may = wanted_ && pass.train && !input.device().is_cpu() && input.size(0) > 0 && !pass.observe &&
                   at::GradMode::is_enabled();
  if (!may) return executor_.forward(state, input, pass);
  if (const std::string why = obstacle(input, pass); !why.empty()) {
    note_ = format("not captured: {}", why);
    wanted_ = false;
    return executor_.forward(state, input, pass);
  }
  if (fits(state, input)) {
    times_ = 0;  // other shapes come in a row only where nothing is played between them
    return captured_->play(state, input, pass);
  }
  if (!seen_often(input)) return executor_.forward(state, input, pass);
  capture(state, input, pass);
  return captured_ ? captured_->play(state, input, pass) : executor_.forward(state, input, pass);
}

std::string Player::take_note() {
  if (told_ || note_.empty()) return "";
  told_ = true;
  return note_;
}

}  // namespace springbok::engine
