// One optimizer step.
#include "springbok/train/stepper.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/add.h>
#include <ATen/ops/mul.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "springbok/engine/forks.h"
#include "springbok/engine/memory.h"
#include "springbok/engine/place.h"
#include "springbok/train/climb.h"
#include "springbok/train/gradient_sums.h"
#include "springbok/train/together.h"

namespace springbok::train {
namespace {

void backward(const at::Tensor& loss) {
  engine::expect_gradient_threads();
  try {
    loss.backward();
  } catch (const c10::Error& error) {
    const std::string text = error.what_without_backtrace();
    const bool memory = text.find("alloc") != std::string::npos;
    if (memory) throw engine::OutOfMemory("the gradients cannot be computed: not enough memory");
    fail("the gradients cannot be computed: {}", text.substr(0, text.find('\n')));
  }
}

/// A batch's targets as its loss keeps them: sharpness-aware minimisation asks for the loss again.
class Kept {
 public:
  explicit Kept(const tasks::MixedTargets& mixed)
      : targets_(mixed.targets.begin(), mixed.targets.end()),
        partners_(mixed.partners.begin(), mixed.partners.end()),
        share_(mixed.share),
        shares_(mixed.shares.begin(), mixed.shares.end()) {}
  tasks::MixedTargets targets() const {
    return {.targets = targets_, .partners = partners_, .share = share_, .shares = shares_};
  }

 private:
  std::vector<std::int64_t> targets_, partners_;
  double share_;
  std::vector<double> shares_;
};

/// The batch's loss, and what the teacher adds to it.
at::Tensor with_teacher(const StepperSettings& settings, const at::Tensor& logits, const tasks::MixedTargets& targets,
                        const at::Tensor& input) {
  const at::Tensor loss = settings.loss(logits, targets);
  const Distillation& distillation = settings.distillation;
  if (!distillation.teacher) return loss;
  const at::Tensor taught = tasks::distil_sum(logits, distillation.teacher(input), distillation.options);
  return at::add(at::mul(loss, 1 - distillation.alpha), taught, distillation.alpha);
}

}  // namespace

Loss cross_entropy(double label_smoothing) {
  return [label_smoothing](const at::Tensor& output, const tasks::MixedTargets& targets) {
    return tasks::cross_entropy_sum(output, targets, label_smoothing);
  };
}

Stepper::Stepper(Learner& learner, StepperSettings settings, std::int64_t step)
    : learner_(learner),
      settings_(std::move(settings)),
      executor_(learner.graph),
      player_(learner.graph, executor_, settings_.graphs),
      step_(step) {}

Stepper::~Stepper() = default;

void Stepper::abandon() {
  effects_.clear();
  unused_.clear();
  held_.clear();
  learner_.optimizer->clear_gradients();
  samples_ = 0;
  losses_.clear();
  broken_.clear();
  failed_.clear();
  last_ = false;
}

void Stepper::skip() {
  abandon();
  ++step_;
}

void Stepper::restart(StepperSettings settings, std::int64_t step) {
  abandon();
  settings_ = std::move(settings);
  step_ = step;
}

/// The step is abandoned.
void Stepper::fail_not_finite(const std::string& text) {
  std::vector<double> losses = std::move(losses_);
  abandon();
  throw NotFinite(format("step {}: {}", step_ + 1, text), std::move(losses));
}

/// As above, with the layer whose gradient it is.
void Stepper::fail_bad_gradient(const std::string& what) {
  const std::string place = find_bad_gradient(learner_.graph, learner_.state);
  fail_not_finite(format("{}; first layer of the backward pass whose gradient is not finite: {}", what,
                         place.empty() ? "none alone, all together overflow" : place));
}

/// Whether a step on the gradients measured their norm or not. A loss scaler has looked already.
void Stepper::expect_finite_gradients(std::optional<double> norm) {
  if (norm && !std::isfinite(*norm)) fail_bad_gradient(format("the gradient's norm is {}", std::abs(*norm)));
  if (norm || learner_.scaler || gradients_finite(learner_.graph, learner_.state)) return;
  fail_bad_gradient("a gradient is not finite");
}

void Stepper::discard() {
  expect_all_whole();
  share_statistics();
  effects_.apply(learner_.state);
  abandon();
}

metrics::ClassTally Stepper::add(const at::Tensor& input, const tasks::MixedTargets& targets,
                                 std::int64_t samples_in_step, std::optional<std::int64_t> first) {
  const bool asks_again = settings_.sharpness.rho > 0 && settings_.distillation.teacher;
  const at::Tensor own = asks_again ? input.clone() : input;
  const auto loss = [kept = Kept(targets), own, this](const at::Tensor& logits) {
    return with_teacher(settings_, logits, kept.targets(), own);
  };
  const Added added = add(own, loss, samples_in_step, first);
  return tasks::sums_of(engine::download(added.output), targets.main(), added.loss);
}

Stepper::Added Stepper::add(const at::Tensor& input, const std::function<at::Tensor(const at::Tensor&)>& loss_of,
                            std::int64_t samples_in_step, std::optional<std::int64_t> first) {
  check(learner_.optimizer != nullptr, "a learner that trains has an optimizer");
  if (samples_in_step < 1) fail("a step has one image or more, not {}", samples_in_step);
  const std::int64_t at = first.value_or(samples_);
  at::Tensor auxiliary;
  engine::Pass pass{.train = true,
                    .seed = settings_.seed,
                    .step = step_,
                    .first_sample = at,
                    .ramps = {},
                    .precision = settings_.precision,
                    .recompute = settings_.recompute,
                    .auxiliary = settings_.aux_weight > 0 ? &auxiliary : nullptr,
                    .effects = again_ ? &unused_ : &effects_,
                    .group = settings_.group};
  if (settings_.ramps) pass.ramps = settings_.ramps(step_);
  samples_ += input.size(0);
  // Run again in `update`, the images must still be there: the caller's memory may have others by then.
  const bool kept = settings_.sharpness.rho > 0 && !again_;
  const at::Tensor here = engine::upload(kept ? input.clone() : input, engine::device_of(learner_.state));
  const at::Tensor output = player_.forward(learner_.state, here, pass);
  at::Tensor loss = loss_of(output);
  if (auxiliary.defined()) loss = at::add(loss, loss_of(auxiliary), settings_.aux_weight);
  const at::Tensor mean = loss.div(static_cast<double>(samples_in_step));
  if (std::exchange(last_, false) && settings_.group->size() > 1) sums().arm();
  backward(learner_.scaler ? mean.mul(learner_.scaler->scale()) : mean);
  const auto sum = loss.item<double>();  // behind backward: only now does the host wait for a device
  if (!again_) losses_.push_back(sum);
  if (!std::isfinite(sum)) {
    const bool together = pass.group->size() > 1;
    if (together) pass.group = &engine::alone();  // the others do not look
    const std::string place = find_not_finite(learner_.graph, learner_.state, executor_, here, pass);
    const std::string text =
        format("the loss is {}; first layer with an output that is not finite: {}", std::abs(sum), place);
    if (!together) fail_not_finite(text);
    broken_ = format("rank {}: {}", settings_.group->rank(), text);
  }
  if (kept) held_.push_back({here, loss_of, samples_in_step, at});
  return {output.detach(), sum};
}

double Stepper::next_lr() const {
  return learner_.plateau ? learner_.plateau->rate(scheduled_lr()) : scheduled_lr();
}

/// The gradient of the step's batches where the loss is higher, in place of that where the weights are. False where
/// there is no way up.
bool Stepper::run_again() {
  const std::vector<Held> batches = std::exchange(held_, {});
  Climb climb(learner_.optimizer->groups(), settings_.sharpness);
  if (!climb.done()) return false;
  again_ = true;
  try {
    for (const Held& each : batches) {
      last_ = &each == &batches.back();
      add(each.input, each.loss, each.samples_in_step, each.first);
    }
  } catch (...) {
    again_ = false;
    climb.back();
    throw;
  }
  again_ = false;
  unused_.clear();
  climb.back();
  return true;
}

/// Made when the optimizer is there.
GradientSums& Stepper::sums() {
  if (!sums_) {
    // Sums of its own, which such a norm makes in backward, must not come between.
    const bool early = std::none_of(learner_.graph.nodes().begin(), learner_.graph.nodes().end(), [](const auto& node) {
      const auto* norm = std::get_if<graph::Norm>(&node.op);
      return norm != nullptr && norm->kind == graph::NormKind::sync;
    });
    const GradientSums::Settings settings{.compress = settings_.compress, .early = early};
    sums_ = std::make_unique<GradientSums>(learner_.optimizer->groups(), *settings_.group, settings);
  }
  return *sums_;
}

/// Of several ranks one that is broken ends the step of all.
void Stepper::expect_all_whole() {
  engine::Group& group = *settings_.group;
  if (group.size() == 1) return;
  const std::vector<double> all = summed_over_ranks(
      {failed_.empty() ? 0.0 : 1.0, broken_.empty() ? 0.0 : 1.0, static_cast<double>(samples_)}, group);
  samples_of_all_ = all[2];
  if (all[0] > 0) {
    const Failure own{.text = failed_};
    abandon();
    end_where_one_failed(own, group);
  }
  if (all[1] == 0) return;
  std::string first;
  for (const std::string& each : gather(broken_, group)) {
    if (first.empty()) first = each;
  }
  fail_not_finite(first);
}

void Stepper::sum_gradients() {
  if (settings_.group->size() == 1) return;
  sums().finish();
  expect_all_whole();
}

/// Running statistics of ranks whose batches differ: their mean, weighted by images, or rank 0's.
void Stepper::share_statistics() {
  engine::Group& group = *settings_.group;
  if (group.size() == 1 || settings_.bn_stats == recipe::BnStats::local || samples_of_all_ == 0) return;
  const at::NoGradGuard no_grad;
  const std::vector<at::Tensor> moved = effects_.statistics(learner_.graph, learner_.state);
  for (const at::Tensor& each : moved) {
    if (settings_.bn_stats == recipe::BnStats::average) {
      each.mul_(static_cast<double>(samples_) / samples_of_all_);
    } else if (group.rank() > 0) {
      each.zero_();
    }
  }
  sum_over_ranks(moved, group);
}

Stepper::Update Stepper::update() {
  sum_gradients();
  if (settings_.sharpness.rho > 0 && run_again()) sum_gradients();
  share_statistics();
  Update update{.lr = next_lr()};
  if (learner_.scaler) {
    update.made = learner_.scaler->update(learner_.scaler->unscale(gradients_of(learner_.optimizer->groups())));
    if (learner_.scaler->exhausted()) {
      fail_bad_gradient(format("gradients overflow down to a loss scale of {:.3g}", learner_.scaler->scale()));
    }
  }
  if (update.made) update.gradient_norm = learner_.optimizer->prepare();
  expect_finite_gradients(update.gradient_norm);
  effects_.apply(learner_.state);
  if (settings_.momentum) learner_.optimizer->set_momentum(settings_.momentum(step_));
  if (update.made) learner_.optimizer->step(update.lr);
  if (settings_.momentum) learner_.optimizer->set_momentum(settings_.momentum(step_ + 1));  // as a checkpoint says
  learner_.optimizer->clear_gradients();
  learner_.average(step_ + 1);
  samples_ = 0;
  losses_.clear();
  ++step_;
  return update;
}

tensors::Dict Stepper::given(std::int64_t samples_in_step) const {
  return {{"seed", {static_cast<std::int64_t>(settings_.seed)}},
          {"samples_in_step", {samples_in_step}},
          {"lr", {next_lr()}}};
}

}  // namespace springbok::train
