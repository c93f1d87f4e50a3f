// The kinds of golden files of losses of embeddings: margins, centres, rings, circles, distillation, L0.
#include <ATen/Functions.h>

#include "springbok/tasks/cross_entropy.h"
#include "springbok/tasks/distil.h"
#include "springbok/tasks/embedding.h"
#include "springbok/tasks/margin.h"
#include "tests/golden/functions/losses.h"

namespace springbok::golden {
namespace {

using nlohmann::json;

at::Tensor targets_of(const json& list) {
  return input_of(list).to(at::kLong);
}

void l0_case(Sheet& sheet, const json& c) {
  const json& args = Sheet::need(c, "args");
  const at::Tensor output = leaf(Sheet::need(c, "pred")), target = leaf(Sheet::need(c, "target"));
  const at::Tensor loss = tasks::l0_loss(output, target, Sheet::need(args, "gamma"), Sheet::need(args, "eps")).mean();
  check_loss(sheet, "L0Loss", loss, Sheet::need(c, "out"), {{"pred", output}, {"target", target}});
}

void circle_case(Sheet& sheet, const json& c) {
  const json& args = Sheet::need(c, "args");
  const at::Tensor embedding = leaf(Sheet::need(c, "embedding"));
  const at::Tensor loss =
      tasks::circle_loss(embedding, targets_of(Sheet::need(c, "targets")),
                         {.margin = Sheet::need(args, "m"), .gamma = Sheet::need(args, "gamma"), .toolbox = true});
  check_loss(sheet, "CircleLoss", loss, Sheet::need(c, "out"), {{"embedding", embedding}});
}

void center_case(Sheet& sheet, const json& c) {
  const at::Tensor embedding = leaf(Sheet::need(c, "embedding")), centers = leaf(Sheet::need(c, "centers"));
  const at::Tensor loss = tasks::center_loss(embedding, centers, targets_of(Sheet::need(c, "targets")),
                                             Sheet::need(Sheet::need(c, "args"), "lamda"), true);
  check_loss(sheet, "CenterLoss", loss, Sheet::need(c, "out"), {{"embedding", embedding}, {"centers", centers}});
}

void distil_case(Sheet& sheet, const json& c) {
  const at::Tensor student = leaf(Sheet::need(c, "student")), teacher = leaf(Sheet::need(c, "teacher"));
  const double temperature = Sheet::need(Sheet::need(c, "args"), "temperature");
  const auto rows = static_cast<double>(student.size(0));
  const at::Tensor loss = tasks::distil_sum(student, teacher, {.temperature = temperature, .toolbox = true}).div(rows);
  check_loss(sheet, "KnowledgeDistillationLoss", loss, Sheet::need(c, "out"),
             {{"student", student}, {"teacher", teacher}});
  const at::Tensor soft = at::softmax(at::div(teacher.detach(), temperature), 1);
  const double entropy = -at::mul(soft, at::log(soft)).sum().item<double>() / rows;
  const double divergence = tasks::distil_sum(student, teacher, {.temperature = temperature}).item<double>() / rows;
  sheet.near("Hinton's form and the teacher's entropy", divergence + temperature * temperature * entropy,
             Sheet::need(c, "kl_plus_teacher_entropy_times_T2"));
}

void ring_case(Sheet& sheet, const json& c) {
  const json& args = Sheet::need(c, "args");
  const at::Tensor embedding = leaf(Sheet::need(c, "embedding"));
  const at::Tensor radius = input_of(Sheet::need(args, "R")).reshape({1}).requires_grad_();
  const at::Tensor loss = tasks::ring_loss(
      embedding, radius,
      {.weight = Sheet::need(args, "lamda"), .toolbox = true, .normalise = Sheet::need(args, "l2_norm")});
  check_loss(sheet, "RingLoss", loss, Sheet::need(c, "out"), {{"embedding", embedding}, {"R", radius}});
}

void other_losses(Sheet& sheet) {
  for (const json& c : sheet.at("cases")) {
    const std::string name = Sheet::need(c, "loss");
    if (name == "L0Loss") {
      l0_case(sheet, c);
    } else if (name == "CircleLoss") {
      circle_case(sheet, c);
    } else if (name == "CenterLoss") {
      center_case(sheet, c);
    } else if (name == "KnowledgeDistillationLoss") {
      distil_case(sheet, c);
    } else if (name == "RingLoss") {
      ring_case(sheet, c);
    } else {
      sheet.unknown("a loss " + name);
    }
  }
}

/// The head's logits; undefined where its name is not known.
at::Tensor logits_of(const json& c, const at::Tensor& embedding, const at::Tensor& weight, const at::Tensor& targets) {
  const std::string name = Sheet::need(c, "loss");
  const json& args = Sheet::need(c, "args");
  if (name == "L2Softmax") {
    return tasks::l2_softmax(embedding, weight, {.alpha = Sheet::need(args, "alpha"), .normalise_weight = true});
  }
  const at::Tensor cosine = tasks::cosines(embedding, weight);
  if (name == "AMSoftmax") {
    return tasks::am_softmax(cosine, targets, {.margin = Sheet::need(args, "m"), .scale = Sheet::need(args, "s")});
  }
  if (name == "ArcLoss") {
    return tasks::arc_softmax(cosine, targets,
                              {.margin = Sheet::need(args, "m"),
                               .scale = Sheet::need(args, "s"),
                               .easy = Sheet::need(args, "easy_margin"),
                               .toolbox = true});
  }
  if (name == "CircleLossFC") {
    return tasks::circle_softmax(cosine, targets,
                                 {.margin = Sheet::need(args, "m"), .gamma = Sheet::need(args, "gamma")});
  }
  return {};
}

void margin_losses(Sheet& sheet) {
  const at::Tensor targets = targets_of(sheet.at("targets"));
  for (const json& c : sheet.at("cases")) {
    const at::Tensor embedding = leaf(sheet.at("embedding")), weight = leaf(sheet.at("weight"));
    const std::string name = Sheet::need(c, "loss");
    const at::Tensor logits = logits_of(c, embedding, weight, targets);
    if (!logits.defined()) {
      sheet.unknown("a head " + name);
      continue;
    }
    const json& out = Sheet::need(c, "out");
    sheet.tensor(name + ": logits", logits, Sheet::need(out, "logits"));
    json wanted = out;
    wanted["value"] = Sheet::need(out, "cross_entropy");
    const at::Tensor loss = tasks::cross_entropy_sum(logits, targets).div(static_cast<double>(logits.size(0)));
    check_loss(sheet, name, loss, wanted, {{"embedding", embedding}, {"weight", weight}});
  }
}

}  // namespace

std::vector<Kind> embedding_kinds() {
  return {
      {"nn/loss.py", "L0Loss", {"cases"}, other_losses},
      {"nn/loss.py", "CircleLoss", {"cases"}, other_losses},
      {"nn/loss.py", "CenterLoss", {"cases"}, other_losses},
      {"nn/loss.py", "KnowledgeDistillationLoss", {"cases"}, other_losses},
      {"nn/loss.py", "RingLoss", {"cases"}, other_losses},
      {"nn/metric_loss.py", "", {"cases", "embedding", "weight", "targets"}, margin_losses},
  };
}

}  // namespace springbok::golden
