// The comparison of one golden file with what this project computes.
#include <ATen/Functions.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/engine/executor.h"
#include "springbok/graph/cost.h"
#include "springbok/zoo/factory.h"
#include "springbok/zoo/zoo.h"
#include "tests/golden/functions/functions.h"
#include "tests/golden/golden.h"

namespace springbok::golden {
namespace {

using nlohmann::json;

constexpr double kBound64 = 1e-9;
constexpr double kBound32 = 1e-5;
constexpr double kGradient32 = 1e-2;  ///< one unit that rounding carries across a kink moves a gradient's norm so far
constexpr double kLoudFloor = 1e-4;   ///< above it the published code's float32 says nothing
constexpr double kFiner = 0x1p-29;    ///< float64's rounding in float32's

/// What a file cannot tell, because of how its factory computes.
struct Exception {
  const char* factory;
  const char* reason;
  bool training = true;    ///< compare the training step, also where the file drops at random
  bool evaluation = true;  ///< compare the evaluation
  bool float32 = true;     ///< compare in float32
  double gradient = 1e-9;  ///< bound of a gradient in float64
};

constexpr Exception kExceptions[] = {
    {.factory = "torchvision.models:efficientnet_b",
     .reason = "stochastic depth was on in training",
     .training = false},
    {.factory = "timm.models:ghostnet_", .reason = "dropout, as a function, was on in training", .training = false},
    {.factory = "models.lamdba_net:",
     .reason = "evaluation leaves the range of numbers under this fill",
     .evaluation = false},
    {.factory = "timm.models:resnest", .reason = "the radix softmax saturates under this fill", .float32 = false},
    {.factory = "models.ghostnet:", .reason = "squeeze-and-excitation saturates under this fill", .float32 = false},
    {.factory = "models:MobileNetV3_",
     .reason = "it writes relu6(x + 3) / 6, where ATen's hardsigmoid has 1/6 rounded to float32 in its gradient",
     .gradient = 1e-7},
};

const Exception& exception_of(const std::string& factory) {
  static constexpr Exception kNone{.factory = "", .reason = ""};
  const auto* at = std::find_if(std::begin(kExceptions), std::end(kExceptions),
                                [&](const Exception& row) { return factory.starts_with(row.factory); });
  return at == std::end(kExceptions) ? kNone : *at;
}

struct Key {
  std::string name;
  graph::Shape shape;
};

/// The state_dict list with its `P.{bn}` shorthands written out.
std::vector<Key> expand(const json& list) {
  std::vector<Key> keys;
  for (const json& entry : list) {
    const std::string name = entry[0];
    const graph::Shape shape = entry[1].get<graph::Shape>();
    const std::size_t mark = name.find("{bn}");
    if (mark == std::string::npos) {
      keys.push_back({name, shape});
      continue;
    }
    for (const char* leaf : {"weight", "bias", "running_mean", "running_var"}) {
      keys.push_back({name.substr(0, mark) + leaf, shape});
    }
    keys.push_back({name.substr(0, mark) + "num_batches_tracked", {}});
  }
  return keys;
}

class Check {
 public:
  Check(const json& file, const zoo::FactoryModel& published, Report& report)
      : file_(file),
        published_(published),
        report_(report),
        exception_(exception_of(file["factory"].get<std::string>())) {
    if (exception_.training || !drops_nothing()) report_.exception = exception_.reason;
  }

  void run() {
    const graph::Graph graph = zoo::build(published_);
    structure(graph);
    if (!report_.failures.empty()) return;
    if (exception_.evaluation) evaluation(graph, at::kDouble);
    const bool trains = exception_.training || drops_nothing();
    if (trains) training(graph, at::kDouble);
    if (!exception_.float32) return;
    if (exception_.evaluation && report_.floor <= kLoudFloor) evaluation(graph, at::kFloat);
    const bool quiet = file_["fp64"]["train_out_rel"].get<double>() <= kLoudFloor;
    if (trains && quiet) training(graph, at::kFloat);
  }

 private:
  /// Whether the file's maker switched off what would drop at random.
  bool drops_nothing() const {
    const json& off = file_["train"]["off"];
    return off.contains("stochastic_depth") || off.contains("drop_rate");
  }

  void expect(bool holds, const std::string& failure) {
    if (!holds) report_.failures.push_back(failure);
  }

  /// `got` against `wanted`, relative to `scale`.
  void near(const std::string& what, double got, double wanted, double scale, double bound, at::ScalarType dtype) {
    const double error = std::abs(got - wanted) / scale;
    double& worst = dtype == at::kDouble ? report_.worst64 : report_.worst32;
    worst = std::max(worst, error);
    expect(error <= bound, format("{} ({}): {} instead of {} (off by {:.2e}, bound {:.2e})", what,
                                  dtype == at::kDouble ? "float64" : "float32", got, wanted, error, bound));
  }

  void structure(const graph::Graph& graph) {
    const std::vector<Key> keys = expand(file_["state_dict"]);
    const auto& params = graph.params();
    for (std::size_t i = 0; i < std::max(keys.size(), params.size()); ++i) {
      const std::string wanted = i < keys.size() ? keys[i].name + " " + graph::to_text(keys[i].shape) : "nothing";
      const std::string got = i < params.size() ? params[i].name + " " + graph::to_text(params[i].shape) : "nothing";
      if (wanted == got) continue;
      report_.failures.push_back(format("state_dict entry {}: {} instead of {}", i, got, wanted));
      break;
    }
    parameter_counts(graph);
    costs(graph);
  }

  void parameter_counts(const graph::Graph& graph) {
    std::int64_t frozen = 0;
    for (const graph::Param& param : graph.params()) frozen += param.buffer || param.trainable ? 0 : param.elements();
    const auto wanted = file_["params"].get<std::int64_t>();
    const std::int64_t wanted_frozen = file_.value("params_frozen", std::int64_t{0});
    expect(graph::count_params(graph) == wanted,
           format("params: {} instead of {}", graph::count_params(graph), wanted));
    expect(frozen == wanted_frozen, format("frozen params: {} instead of {}", frozen, wanted_frozen));
  }

  /// Not where the file's pooling window is smaller than the map at 224: the published classifier then runs once a
  /// cell.
  void costs(const graph::Graph& graph) {
    if (file_["kwargs"].contains("pool_size")) return;
    if (published_.model.input < 224 || file_["macs_224"].is_null()) return;
    const graph::Cost cost = graph::cost(graph, 224, 224);
    const auto macs = file_["macs_224"].get<std::int64_t>() + file_.value("macs_224_transposed", std::int64_t{0});
    expect(cost.macs == macs, format("MACs at 224: {} instead of {}", cost.macs, macs));
    if (file_["flops_repo"].is_null()) return;
    const auto flops = file_["flops_repo"]["raw"].get<std::int64_t>();
    expect(cost.elastic_flops == flops, format("Elastic's FLOPs at 224: {} instead of {}", cost.elastic_flops, flops));
  }

  at::Tensor input(const json& shape, at::ScalarType dtype) const {
    return fill("__input__", shape.get<graph::Shape>()).to(dtype);
  }

  /// `flat` is in float64, whatever `dtype` the network ran in: float32 overflows in sums where its values do not.
  void values(const std::string& what, const at::Tensor& flat, const json& wanted, bool from_end, double scale,
              double bound, at::ScalarType dtype) {
    const auto count = static_cast<std::int64_t>(wanted.size());
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t at = from_end ? flat.numel() - count + i : i;
      near(format("{}[{}]", what, at), flat[at].item<double>(), wanted[static_cast<std::size_t>(i)], scale, bound,
           dtype);
    }
  }

  void evaluation(const graph::Graph& graph, at::ScalarType dtype) {
    const c10::AutoGradMode no_grad(false);
    engine::State state = filled_state(graph, dtype);
    const engine::Executor executor(graph);
    const at::Tensor output = executor.forward(state, input(file_["input"]["shape"], dtype), {});
    expect(output.sizes().vec() == file_["output"]["shape"].get<graph::Shape>(),
           format("output: {} instead of {}", graph::to_text(output.sizes().vec()), file_["output"]["shape"].dump()));
    const json& wanted = file_["fp64"]["output"];
    const double bound = dtype == at::kDouble ? kBound64 : std::max(10 * report_.floor, kBound32);
    const double scale = file_["output"]["max_abs"];
    const at::Tensor flat = output.reshape({-1}).to(at::kDouble);
    values("output", flat, wanted["first"], false, scale, bound, dtype);
    values("output", flat, wanted["last"], true, scale, bound, dtype);
    near("output l2", flat.norm().item<double>(), wanted["l2"], wanted["l2"], bound, dtype);
    near("output mean", flat.mean().item<double>(), wanted["mean"], scale, bound, dtype);
  }

  void training(const graph::Graph& graph, at::ScalarType dtype) {
    engine::State state = filled_state(graph, dtype);
    const engine::Executor executor(graph);
    const json& train = file_["train"];
    const json& wanted = file_["fp64"]["train"];
    const bool wide = dtype == at::kDouble;
    const double out_bound = wide ? kBound64 : std::max(10 * file_["fp64"]["train_out_rel"].get<double>(), kBound32);
    engine::Effects effects;
    at::Tensor auxiliary;
    const at::Tensor output = executor.forward(state, input(train["input_shape"], dtype),
                                               {.train = true, .auxiliary = &auxiliary, .effects = &effects});
    effects.apply(state);
    const double scale = train["output"]["max_abs"];
    const at::Tensor widened = output.to(at::kDouble);  // gradients come back in the network's type
    values("train output", widened.detach().reshape({-1}), wanted["first"], false, scale, out_bound, dtype);
    near("train output l2", widened.norm().item<double>(), wanted["l2"], wanted["l2"], out_bound, dtype);
    const at::Tensor target = fill("__target__", output.sizes().vec());
    at::Tensor loss = at::sum(at::mul(widened, target));
    if (train.contains("aux_weight")) {
      loss = at::add(loss, at::sum(at::mul(auxiliary.to(at::kDouble), target)), train["aux_weight"].get<double>());
    }
    near("train loss", loss.item<double>(), wanted["loss"], wanted["l2"], out_bound, dtype);
    loss.backward();
    gradients(graph, state, wide);
    buffers(graph, state, dtype);
  }

  const at::Tensor* named(const graph::Graph& graph, const engine::State& state, const std::string& name) {
    const auto& params = graph.params();
    const auto at = std::find_if(params.begin(), params.end(), [&](const graph::Param& p) { return p.name == name; });
    if (at == params.end()) {
      report_.failures.push_back("the network has no tensor " + name);
      return nullptr;
    }
    return &state.tensors[at - params.begin()];
  }

  void gradients(const graph::Graph& graph, const engine::State& state, bool wide) {
    const json& names = file_["train"]["grads"];
    const double all = file_["train"]["grad_l2_all"];
    for (std::size_t i = 0; i < names.size(); ++i) {
      const at::Tensor* tensor = named(graph, state, names[i][0]);
      if (tensor == nullptr) continue;
      if (file_["fp64"]["train"]["grads"][i].is_null()) continue;  // it is listed under no_grad
      const double wanted = file_["fp64"]["train"]["grads"][i];
      const double floor = std::min(10 * file_["fp64"]["grad_l2_rel"][i].get<double>(), 100.0);
      const double bound = wide ? std::max(floor * kFiner, exception_.gradient) : std::max(floor, kGradient32);
      const double got = tensor->grad().defined() ? tensor->grad().to(at::kDouble).norm().item<double>() : 0;
      near("gradient of " + names[i][0].get<std::string>(), got, wanted, std::max(wanted, 1e-6 * all), bound,
           tensor->scalar_type());
    }
    for (const json& name : file_["train"]["no_grad"]) {
      const at::Tensor* tensor = named(graph, state, name);
      if (tensor != nullptr)
        expect(!tensor->grad().defined(), name.get<std::string>() + ": has a gradient, and should have none");
    }
  }

  /// Whether the published code runs this tensor's block twice a step, moving its statistics twice: Elastic's
  /// segmentation nets recompute their blocks in backward. Here they move once.
  bool moved_twice(const std::string& name) const {
    const bool segments = file_["kwargs"].value("seg", false) || file_["factory"].get<std::string>().ends_with("_seg");
    return segments && (name.starts_with("layer") || name.starts_with("base.level"));
  }

  /// What a buffer would be after a second step on the same batch: b(n+1) = (1 - m) b(n) + m s.
  at::Tensor moved_again(const graph::Graph& graph, const std::string& name, const at::Tensor& once) const {
    if (name.ends_with("num_batches_tracked")) return at::mul(once, 2);
    double momentum = 0;
    for (const graph::Node& node : graph.nodes()) {
      const auto* norm = std::get_if<graph::Norm>(&node.op);
      if (norm != nullptr && name.starts_with(node.path + ".")) momentum = norm->momentum;
    }
    const at::Tensor before = fill(name, once.sizes().vec());
    return at::sub(at::mul(once, 2 - momentum), at::mul(before, 1 - momentum));
  }

  /// The file gives them in float32 only, so that is how well they can be told.
  void buffers(const graph::Graph& graph, const engine::State& state, at::ScalarType dtype) {
    const double bound = std::max(10 * file_["fp64"]["train_out_rel"].get<double>(), kBound32);
    for (const json& entry : file_["train"]["buffers_after"]) {
      const std::string name = entry[0];
      const at::Tensor* tensor = named(graph, state, name);
      if (tensor == nullptr) continue;
      const at::Tensor once = tensor->to(at::kDouble);
      const double got = (moved_twice(name) ? moved_again(graph, name, once) : once).norm().item<double>();
      const double wanted = entry[1];
      const double error = std::abs(got - wanted) / std::max(std::abs(wanted), 1e-12);
      expect(error <= bound,
             format("{} after a step ({}): l2 {} instead of {}", name, at::toString(dtype), got, wanted));
    }
  }

  const json& file_;
  const zoo::FactoryModel& published_;
  Report& report_;
  const Exception& exception_;
};

}  // namespace

namespace {

bool is_of_function(const json& file) {
  return file.is_object() && file.contains("source") && !file.contains("factory");
}

json read_golden(const std::filesystem::path& path) {
  json file = json::parse(read_text(path), nullptr, false);
  if (file.is_discarded()) fail("{}: not a JSON file", path.string());
  if (is_of_function(file)) return file;
  for (const char* key : {"factory", "kwargs", "source", "state_dict", "output", "train", "fp64"}) {
    if (!file.contains(key)) {
      fail("{}: not a golden file of a network or a function: it has no '{}'", path.string(), key);
    }
  }
  return file;
}

Report report_of(const json& file, const std::filesystem::path& path) {
  Report report{.name = path.stem().string()};
  zoo::FactoryModel published;
  try {
    published = zoo::factory_model(file["source"]["repo"], file["factory"], file["kwargs"].dump());
  } catch (const UsageError& error) {
    report.unknown = error.what();
    return report;
  }
  report.model = published.model.name;
  if (file["fp64"]["out_rel"].is_number()) report.floor = file["fp64"]["out_rel"];
  Check(file, published, report).run();
  report.verdict = report.failures.empty() ? Verdict::pass : Verdict::fail;
  return report;
}

Report report_of_function(const json& file, const std::filesystem::path& path) {
  Report report{.name = path.stem().string()};
  try {
    check_function(file, report);
  } catch (const json::exception& error) {
    fail("{}: not a golden file of a function: a value is missing or of another type than the format says ({})",
         path.string(), error.what());
  } catch (const Error& error) {
    fail("{}: {}", path.string(), error.what());
  }
  return report;
}

}  // namespace

Report check_file(const std::filesystem::path& path) {
  const json file = read_golden(path);
  if (is_of_function(file)) return report_of_function(file, path);
  try {
    return report_of(file, path);
  } catch (const json::exception&) {
    fail("{}: not a golden file of a network: a value is missing or of another type than the format says",
         path.string());
  }
}

std::string to_line(const Report& report) {
  if (report.verdict == Verdict::unknown) return format("{}: not checked: {}", report.name, report.unknown);
  if (report.model.empty()) {
    return format("{}: {}, at most {:.0f} % of the bounds", report.name,
                  report.verdict == Verdict::pass ? "pass" : "FAIL", 100 * report.worst64);
  }
  return format("{} ({}): {}, float64 {:.1e} (bound {:.0e}), float32 {:.1e} (floor {:.1e}){}", report.name,
                report.model, report.verdict == Verdict::pass ? "pass" : "FAIL", report.worst64, kBound64,
                report.worst32, report.floor, report.exception.empty() ? "" : "; in part: " + report.exception);
}

}  // namespace springbok::golden
