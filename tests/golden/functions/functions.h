// Golden files of functions (losses, optimizers, schedules, modules, metrics, augmentation, loops): what a kind of file
// is compared through.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/golden/golden.h"

namespace springbok::golden {

/// One file of a function, and what its comparison finds.
class Sheet {
 public:
  Sheet(const nlohmann::json& golden, Report& report) : file(golden), report_(report) {}

  const nlohmann::json& file;

  /// A value of the file that must be there. Throws Error naming the key.
  const nlohmann::json& at(const std::string& key) const { return need(file, key); }
  static const nlohmann::json& need(const nlohmann::json& object, const std::string& key);

  /// `got` against the file's number, or against its 'nan', 'inf', '-inf'. Relative to `scale`; 0: to the number
  /// itself, and to 1 where it is smaller.
  void near(const std::string& what, double got, const nlohmann::json& wanted, double bound = 1e-12, double scale = 0);
  /// Numbers in order: tensor or list against a list, nested or flat. Relative to the largest of them.
  void numbers(const std::string& what, const at::Tensor& got, const nlohmann::json& wanted, double bound = 1e-12);
  /// A tensor against the README's {shape, values} or {shape, first, last, l2, mean, max_abs, probe}.
  void tensor(const std::string& what, const at::Tensor& got, const nlohmann::json& wanted, double bound = 1e-12);
  /// Counts, names, draws, digests: equal or not.
  void equal(const std::string& what, const nlohmann::json& got, const nlohmann::json& wanted);
  void expect(bool holds, const std::string& failure);

  /// A part of the file that this project has no function for, or does not know: the file does not pass.
  void unknown(const std::string& part);

 private:
  Report& report_;
};

/// An input: a number, a (nested) list, or a fill of the README with `scale`, `rule`, `one_where_u_below`, `below` or
/// `one_where: floor(100 u) < p`. float64.
at::Tensor input_of(const nlohmann::json& description);
/// The fill of a key as float32((2u - 1) scale), widened.
at::Tensor fill_scaled(const std::string& key, const graph::Shape& shape, double scale);
/// u in [0, 1) of a key, row-major.
at::Tensor fill_u(const std::string& key, const graph::Shape& shape);
/// A number of the file; 'nan', 'inf' and '-inf' too.
double number_of(const nlohmann::json& value);

/// A kind of file: its `source` names a function, by a part of its file's path and by its name, and it has these keys.
struct Kind {
  std::string_view path, function;
  std::vector<std::string_view> keys;
  void (*check)(Sheet&);
};

/// The kinds, by area; the first that fits is taken.
std::vector<Kind> loss_kinds();
std::vector<Kind> optimizer_kinds();
std::vector<Kind> module_kinds();
std::vector<Kind> metric_kinds();
std::vector<Kind> augment_kinds();
std::vector<Kind> elastic_kinds();
std::vector<Kind> elastic_segment_kinds();

/// Compares a file of a function. `report.verdict` says unknown where no kind fits or a part is not known.
void check_function(const nlohmann::json& file, Report& report);

}  // namespace springbok::golden
