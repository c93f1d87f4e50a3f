// Inputs of golden files of functions, and comparison with their numbers.
#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "springbok/base/error.h"
#include "tests/golden/functions/functions.h"

namespace springbok::golden {

using nlohmann::json;

namespace {

/// The numbers of a nested list, row-major, and its shape.
void flatten(const json& list, std::vector<double>& values, graph::Shape& shape, std::size_t depth) {
  if (!list.is_array()) {
    values.push_back(number_of(list));
    return;
  }
  if (shape.size() == depth) shape.push_back(static_cast<std::int64_t>(list.size()));
  for (const json& item : list) flatten(item, values, shape, depth + 1);
}

at::Tensor literal(const json& list) {
  std::vector<double> values;
  graph::Shape shape;
  flatten(list, values, shape, 0);
  at::Tensor tensor = at::empty({static_cast<std::int64_t>(values.size())}, at::kDouble);
  std::copy(values.begin(), values.end(), tensor.mutable_data_ptr<double>());
  return tensor.reshape(shape);
}

double percent_of(const std::string& rule) {
  const std::size_t at = rule.find('<');
  if (!rule.starts_with("floor(100 u)") || at == std::string::npos) fail("a fill's one_where '{}' is not known", rule);
  return std::stod(rule.substr(at + 1));
}

}  // namespace

double number_of(const json& value) {
  if (value.is_number()) return value.get<double>();
  if (value.is_boolean()) return value.get<bool>() ? 1 : 0;
  const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (text == "inf") return std::numeric_limits<double>::infinity();
  if (text == "-inf") return -std::numeric_limits<double>::infinity();
  fail("'{}' is no number", text);
}

at::Tensor fill_scaled(const std::string& key, const graph::Shape& shape, double scale) {
  return at::mul(at::sub(at::mul(fill_u(key, shape), 2), 1), scale).to(at::kFloat).to(at::kDouble);
}

at::Tensor input_of(const json& description) {
  if (!description.is_object()) return literal(description);
  const std::string key = Sheet::need(description, "fill");
  const graph::Shape shape = Sheet::need(description, "shape");
  if (description.contains("scale")) return fill_scaled(key, shape, description["scale"].get<double>());
  if (description.value("rule", "") == "parameter") return fill(key, shape);
  if (description.contains("one_where_u_below")) {
    return at::lt(fill_u(key, shape), description["one_where_u_below"].get<double>()).to(at::kDouble);
  }
  if (description.contains("below")) return at::floor(at::mul(fill_u(key, shape), description["below"].get<double>()));
  if (description.contains("one_where")) {
    const double percent = percent_of(description["one_where"].get<std::string>());
    return at::lt(at::floor(at::mul(fill_u(key, shape), 100)), percent).to(at::kDouble);
  }
  fail("a fill without a rule that is known: {}", description.dump());
}

const json& Sheet::need(const json& object, const std::string& key) {
  if (!object.is_object() || !object.contains(key)) fail("it has no '{}'", key);
  return object.at(key);
}

void Sheet::near(const std::string& what, double got, const json& wanted, double bound, double scale) {
  const double value = number_of(wanted);
  if (!std::isfinite(value) || !std::isfinite(got)) {
    expect((std::isnan(value) && std::isnan(got)) || value == got, format("{}: {} instead of {}", what, got, value));
    return;
  }
  const double error = std::abs(got - value) / (scale > 0 ? scale : std::max(std::abs(value), 1.0));
  report_.worst64 = std::max(report_.worst64, error / bound);
  expect(error <= bound, format("{}: {} instead of {} (off by {:.2e}, bound {:.0e})", what, got, value, error, bound));
}

void Sheet::numbers(const std::string& what, const at::Tensor& got, const json& wanted, double bound) {
  const at::Tensor list = literal(wanted).reshape({-1});
  const at::Tensor flat = got.detach().to(at::kDouble).reshape({-1});
  if (flat.numel() != list.numel()) {
    expect(false, format("{}: {} numbers instead of {}", what, flat.numel(), list.numel()));
    return;
  }
  double largest = 0;
  for (std::int64_t i = 0; i < list.numel(); ++i) {
    const double value = std::abs(list[i].item<double>());
    if (std::isfinite(value)) largest = std::max(largest, value);
  }
  for (std::int64_t i = 0; i < list.numel(); ++i) {
    near(format("{}[{}]", what, i), flat[i].item<double>(), list[i].item<double>(), bound, largest > 0 ? largest : 1);
  }
}

void Sheet::tensor(const std::string& what, const at::Tensor& got, const json& wanted, double bound) {
  equal(what + ": shape", got.sizes().vec(), need(wanted, "shape"));
  const at::Tensor flat = got.detach().to(at::kDouble).reshape({-1});
  if (wanted.contains("values")) return numbers(what, flat, wanted["values"], bound);
  const double scale = need(wanted, "max_abs");
  const auto run = [&](const char* key, std::int64_t from) {
    for (std::size_t i = 0; i < need(wanted, key).size(); ++i) {
      const auto at = from + static_cast<std::int64_t>(i);
      near(format("{}[{}]", what, at), flat[at].item<double>(), wanted[key][i], bound, scale);
    }
  };
  run("first", 0);
  run("last", flat.numel() - static_cast<std::int64_t>(need(wanted, "last").size()));
  const double l2 = need(wanted, "l2");
  near(what + ": l2", flat.norm().item<double>(), l2, bound, std::max(l2, scale));
  near(what + ": mean", flat.mean().item<double>(), need(wanted, "mean"), bound, scale);
  near(what + ": max_abs", flat.abs().max().item<double>(), scale, bound, scale);
  const at::Tensor signs = at::sub(at::mul(fill_u("__probe__", {flat.numel()}), 2), 1);
  near(what + ": probe", at::dot(flat, signs).item<double>(), need(wanted, "probe"), bound, std::max(l2, scale));
}

void Sheet::equal(const std::string& what, const json& got, const json& wanted) {
  expect(got == wanted, format("{}: {} instead of {}", what, got.dump(), wanted.dump()));
}

void Sheet::expect(bool holds, const std::string& failure) {
  if (!holds) report_.failures.push_back(failure);
}

void Sheet::unknown(const std::string& part) {
  if (!report_.unknown.empty()) report_.unknown += "; ";
  report_.unknown += part;
}

}  // namespace springbok::golden
