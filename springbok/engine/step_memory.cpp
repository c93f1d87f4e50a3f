// Walking a training step's blocks of memory.
#include "springbok/engine/step_memory.h"

#include <algorithm>
#include <array>
#include <vector>

#include "springbok/engine/arena.h"
#include "springbok/engine/fuse.h"
#include "springbok/engine/in_place.h"
#include "springbok/engine/recompute.h"
#include "springbok/graph/cost.h"

namespace springbok::engine {

using namespace graph;

namespace {

constexpr std::int64_t kFloat = 4, kHalf = 2, kIndex = 8;
constexpr std::size_t kAddresses = std::size_t{1} << 43;  // more than any machine has; none is touched
constexpr int kNone = -1;

/// Blocks with holders: one is given back when the last holder lets go.
class Ledger {
 public:
  /// A new block with one holder.
  int take(std::int64_t bytes) {
    const std::int64_t size = std::max<std::int64_t>(bytes, 1);
    blocks_.push_back({arena_.allocate(static_cast<std::size_t>(size)), size, 1});
    alive_ += size;
    most_ = std::max(most_, alive_);
    return static_cast<int>(blocks_.size()) - 1;
  }
  int hold(int block) {
    if (block != kNone) ++blocks_[static_cast<std::size_t>(block)].holders;
    return block;
  }
  void drop(int& block) {
    if (block == kNone) return;
    Block& each = blocks_[static_cast<std::size_t>(block)];
    block = kNone;
    if (--each.holders > 0) return;
    alive_ -= each.bytes;
    if (each.at != nullptr) arena_.release(each.at);
  }
  bool alone(int block) const { return blocks_[static_cast<std::size_t>(block)].holders == 1; }
  std::int64_t alive() const { return alive_; }
  std::int64_t most() const { return most_; }
  /// Where the system gave the arena no addresses, without gaps.
  std::int64_t peak() const { return std::max(most_, static_cast<std::int64_t>(arena_.high_water())); }

 private:
  struct Block {
    void* at;
    std::int64_t bytes;
    int holders;
  };
  Arena arena_{kAddresses};
  std::vector<Block> blocks_;
  std::int64_t alive_ = 0, most_ = 0;
};

bool is_noise(const Op& op) {
  return std::holds_alternative<Dropout>(op) || std::holds_alternative<DropBlock>(op);
}

bool is_norm_group(const Step& step) {
  return step.kernel == Kernel::norm_relu || step.kernel == Kernel::norm_act;
}

/// The parameters of a node, kNoParam where it has fewer.
std::array<ParamId, 2> params_of(const Op& op) {
  if (const auto* conv = std::get_if<Conv2d>(&op)) return {conv->weight, conv->bias};
  if (const auto* conv = std::get_if<ConvTranspose2d>(&op)) return {conv->weight, kNoParam};
  if (const auto* linear = std::get_if<Linear>(&op)) return {linear->weight, linear->bias};
  if (const auto* conv = std::get_if<DeformConv2d>(&op)) return {conv->weight, conv->bias};
  if (const auto* norm = std::get_if<Norm>(&op)) return {norm->weight, norm->bias};
  return {kNoParam, kNoParam};
}

/// What autocast computes in half precision.
bool is_product(const Op& op) {
  return std::holds_alternative<Conv2d>(op) || std::holds_alternative<ConvTranspose2d>(op) ||
         std::holds_alternative<Linear>(op);
}

class Walk {
 public:
  Walk(const Graph& graph, const Steps& steps, const Shape& input, bool recompute, const Indexed<std::int64_t>& item)
      : graph_(graph),
        item_(item),
        steps_(steps),
        cuts_(recompute ? stretches(graph, steps) : std::vector{whole(graph, steps)}),
        shapes_(infer(graph, input)),
        fusions_(find_fusions(graph)),
        values_(graph.nodes().size(), kNone),
        gradients_(graph.nodes().size(), kNone),
        weights_(graph.params().size(), kNone),
        blocks_(graph.nodes().size(), kNone),
        kept_(steps.size()) {
    for (const Step& step : steps) {
      if (step.kernel == Kernel::append) blocks_[step.node] = fusions_.at_concat[step.node]->first;
    }
  }

  StepMemory run() {
    values_[0] = ledger_.take(bytes(0));
    ledger_.hold(values_[0]);  // the batch is the loader's
    std::vector<std::vector<int>> entered(cuts_.size());
    for (std::size_t c = 0; c < cuts_.size(); ++c) {
      const bool again = c + 1 < cuts_.size();
      if (again) entered[c] = held(cuts_[c].enters);
      forward(cuts_[c], !again);
    }
    memory_.kept = ledger_.alive();
    gradients_[graph_.output()] = ledger_.take(bytes(graph_.output()));
    if (graph_.auxiliary() >= 0) gradients_[graph_.auxiliary()] = ledger_.take(bytes(graph_.auxiliary()));
    for (std::size_t c = cuts_.size(); c-- > 0;) {
      const Stretch& cut = cuts_[c];
      const bool again = c + 1 < cuts_.size();
      if (again) run_again(cut, entered[c]);
      for (std::size_t i = cut.end; i-- > cut.first;) backward(i);
      if (again) ledger_.drop(values_[cut.leaves]);
      for (int& block : entered[c]) ledger_.drop(block);
    }
    memory_.peak = ledger_.peak();
    memory_.alive = ledger_.most();
    return memory_;
  }

 private:
  static Stretch whole(const Graph& graph, const Steps& steps) {
    return {.first = 0, .end = steps.size(), .enters = {}, .leaves = graph.output()};
  }

  std::vector<int> held(const std::vector<NodeId>& ids) {
    std::vector<int> blocks;
    for (const NodeId id : ids) blocks.push_back(ledger_.hold(values_[id]));
    return blocks;
  }

  /// A stretch in backward, over what entered it.
  void run_again(const Stretch& cut, const std::vector<int>& entered) {
    for (std::size_t i = 0; i < entered.size(); ++i) values_[cut.enters[i]] = ledger_.hold(entered[i]);
    forward(cut, true);
    for (const NodeId id : cut.enters) ledger_.drop(values_[id]);
  }

  bool mixed() const { return !item_.empty(); }
  std::int64_t item(NodeId id) const { return mixed() ? item_[id] : kFloat; }
  std::int64_t bytes(NodeId id) const { return item(id) * elements(shapes_[id]); }

  /// What the step reads: its node's inputs, or those of the group that runs as one.
  std::vector<NodeId> inputs(const Step& step) const {
    if (is_norm_group(step)) {
      const NormGroup& group = *fusions_.at_act[step.node];
      std::vector<NodeId> read{graph_.node(group.norm).inputs[0]};
      if (group.addend >= 0) read.push_back(group.addend);
      return read;
    }
    if (step.kernel == Kernel::norm_conv) return graph_.node(fusions_.at_conv[step.node]->norm).inputs;
    if (step.kernel == Kernel::upsample_add) {
      const UpsampleGroup& group = *fusions_.at_add[step.node];
      return {group.low, group.high};
    }
    return graph_.node(step.node).inputs;
  }

  /// Whether this value lies in the memory of a dense block.
  bool in_block(NodeId id) const { return blocks_[id] >= 0; }
  /// The value under which the gradient of such a block is kept; else the value itself.
  NodeId root(NodeId id) const { return in_block(id) ? blocks_[id] : id; }
  /// Bytes that the step's value takes: a block's first one those of the whole block.
  std::int64_t bytes_taken(NodeId id) const {
    return in_block(id) ? bytes(id) / graph_.node(id).channels * fusions_.at_concat[id]->channels : bytes(id);
  }

  bool is_view(const Step& step) const {
    const Node& node = graph_.node(step.node);
    if (step.kernel == Kernel::in_place) return true;
    if (step.kernel == Kernel::append) return root(step.node) != step.node;
    if (!saves(node.op).makes_view || is_noise(node.op) || std::holds_alternative<DropPath>(node.op)) return false;
    if (std::holds_alternative<Halve>(node.op) || std::holds_alternative<Restore>(node.op) ||
        std::holds_alternative<PadEven>(node.op)) {
      return shapes_[step.node] == shapes_[node.inputs[0]];
    }
    return !std::holds_alternative<ShuffleChannels>(node.op);
  }

  /// A mask or table of its own that the op's backward reads.
  std::int64_t mask_bytes(const Step& step) const {
    const Op& op = graph_.node(step.node).op;
    const std::int64_t count = elements(shapes_[step.node]);
    if (is_noise(op)) return item(step.node) * count;
    const auto* pool = std::get_if<Pool2d>(&op);
    return pool != nullptr && pool->kind == PoolKind::max ? kIndex * count : 0;
  }

  void keep(const Step& step, std::vector<int>& kept) {
    const std::vector<NodeId> read = inputs(step);
    Saves saved = saves(graph_.node(step.node).op);
    if (is_norm_group(step)) saved = {.input = true, .output = read.size() > 1};
    if (step.kernel == Kernel::append) saved = {.output = true};
    if (step.kernel == Kernel::upsample_add) saved = {};
    if (saved.output) kept.push_back(ledger_.hold(values_[step.node]));
    const std::size_t kept_inputs = is_norm_group(step) ? 1 : read.size();
    const bool halves = mixed() && is_product(graph_.node(step.node).op);
    for (std::size_t i = 0; saved.input && i < kept_inputs; ++i) {
      const bool copied = halves && item(read[i]) > kHalf;
      kept.push_back(copied ? ledger_.take(kHalf * elements(shapes_[read[i]])) : ledger_.hold(values_[read[i]]));
    }
    for (const ParamId param : params_of(graph_.node(step.node).op)) {
      if (halves && param != kNoParam) kept.push_back(ledger_.take(kHalf * graph_.param(param).elements()));
    }
    if (const std::int64_t mask = mask_bytes(step); mask > 0) {
      kept.push_back(ledger_.take(mask));
      memory_.masks += mask;
    }
  }

  /// Where a stretch runs again, backward keeps something of the second time only.
  void forward(const Stretch& cut, bool keeps) {
    for (std::size_t i = cut.first; i < cut.end; ++i) {
      const Step& step = steps_[i];
      if (step.kernel != Kernel::left_out) {
        const NodeId first = graph_.node(step.node).inputs[0];
        const bool entered = first == 0 || std::find(cut.enters.begin(), cut.enters.end(), first) != cut.enters.end();
        const bool over = is_view(step) && (step.kernel != Kernel::in_place || !entered);
        int between = step.kernel == Kernel::norm_conv ? ledger_.take(bytes(first)) : kNone;
        values_[step.node] = over ? ledger_.hold(values_[first]) : ledger_.take(bytes_taken(step.node));
        ledger_.drop(between);
        if (keeps) keep(step, kept_[i]);
      }
      for (const NodeId dead : step.dies) ledger_.drop(values_[dead]);
    }
  }

  /// The gradient that flows to a value, added to what other readers sent.
  void send(NodeId to, int gradient) {
    int& there = gradients_[to];
    if (there == kNone) {
      there = gradient;
      return;
    }
    if (ledger_.alone(there)) {
      ledger_.drop(gradient);
      return;
    }
    const int sum = ledger_.take(bytes(to));
    ledger_.drop(there);
    ledger_.drop(gradient);
    there = sum;
  }

  void weights(const Step& step) {
    for (const ParamId param : params_of(graph_.node(step.node).op)) {
      if (param == kNoParam || !graph_.param(param).trainable) continue;
      const std::int64_t size = kFloat * graph_.param(param).elements();
      int scratch = ledger_.take(2 * size);
      if (weights_[param] == kNone) weights_[param] = ledger_.take(size);
      ledger_.drop(scratch);
    }
  }

  /// What reads a dense block adds to its one gradient. The convolution's own goes there by a map of its own.
  int send_to_block(const Step& step, NodeId input) {
    const int between = step.kernel == Kernel::norm_relu ? kNone : ledger_.take(bytes(input));
    int& there = gradients_[root(input)];
    if (there == kNone) there = ledger_.take(bytes_taken(root(input)));
    return between;
  }

  void backward(std::size_t i) {
    const Step& step = steps_[i];
    int& gradient = gradients_[root(step.node)];
    if (gradient == kNone) return;
    const bool passes = std::holds_alternative<Add>(graph_.node(step.node).op) && step.kernel != Kernel::upsample_add;
    const bool appends = step.kernel == Kernel::append;
    int between = kNone;
    for (const NodeId input : inputs(step)) {
      if (input == 0 || (appends && in_block(input))) continue;
      if (in_block(input)) {
        between = send_to_block(step, input);
        continue;
      }
      const bool shared = passes || is_view(step) || (step.kernel == Kernel::upsample_add && input == inputs(step)[1]);
      const bool same = shared && !appends && bytes(input) == bytes(step.node);
      send(input, same ? ledger_.hold(gradient) : ledger_.take(bytes(input)));
    }
    weights(step);
    ledger_.drop(between);
    if (!appends || root(step.node) == step.node) ledger_.drop(gradient);
    for (int& block : kept_[i]) ledger_.drop(block);
  }

  const Graph& graph_;
  const Indexed<std::int64_t>& item_;
  const Steps& steps_;
  std::vector<Stretch> cuts_;
  Indexed<Shape> shapes_;
  Fusions fusions_;
  Ledger ledger_;
  Indexed<int> values_, gradients_, weights_;
  Indexed<NodeId> blocks_;  ///< by node: the first value of the dense block in which this one lies
  std::vector<std::vector<int>> kept_;
  StepMemory memory_;
};

}  // namespace

StepMemory step_memory(const Graph& graph, const Steps& steps, const Shape& input, bool recompute,
                       const Indexed<std::int64_t>& item) {
  return Walk(graph, steps, input, recompute, item).run();
}

}  // namespace springbok::engine
