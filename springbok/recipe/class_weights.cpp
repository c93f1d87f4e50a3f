// Weights of classes.
#include "springbok/recipe/class_weights.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>

#include "springbok/base/error.h"
#include "springbok/base/lines.h"
#include "springbok/base/quote.h"

namespace springbok::recipe {
namespace {

constexpr const char* kFlag = "--class-weights";

/// The text's numbers: at least 0, separated by commas.
std::vector<double> numbers_of(const std::string& text) {
  std::vector<double> numbers;
  set_option({.key = "class_weights", .help = "", .field = &numbers, .min = 0, .max = 1e9}, text, kFlag);
  return numbers;
}

bool names_no_file(const std::string& text) {
  return text.empty() || text == "balanced" || text.starts_with("effective:") ||
         text.find_first_not_of("0123456789.,eE+- ") == std::string::npos;
}

double beta_of(const std::string& text) {
  double beta = 0;
  set_option({.key = "class_weights", .help = "", .field = &beta, .min = 0, .max = 0.9999999999},
             text.substr(text.find(':') + 1), std::string(kFlag) + " effective:BETA");
  return beta;
}

}  // namespace

std::vector<double> balanced_weights(std::span<const std::int64_t> samples) {
  const auto all = static_cast<double>(std::accumulate(samples.begin(), samples.end(), std::int64_t{0}));
  const auto present =
      static_cast<double>(std::count_if(samples.begin(), samples.end(), [](std::int64_t count) { return count > 0; }));
  std::vector<double> weights;
  for (const std::int64_t count : samples) {
    weights.push_back(count > 0 ? all / (present * static_cast<double>(count)) : 1.0);
  }
  return weights;
}

std::vector<double> effective_number_weights(std::span<const std::int64_t> samples, double beta) {
  const bool inside = beta >= 0 && beta < 1;
  if (!inside) fail("class weights: beta of the effective number must be from 0 to below 1, got {}", beta);
  std::vector<double> weights;
  for (const std::int64_t count : samples) {
    weights.push_back(count > 0 ? (1 - beta) / (1 - std::pow(beta, static_cast<double>(count))) : 1.0);
  }
  return weights;
}

std::vector<double> normalised(std::vector<double> weights) {
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (double& weight : weights) weight *= static_cast<double>(weights.size()) / sum;
  return weights;
}

void read_class_weights(LossSettings& loss) {
  if (names_no_file(loss.class_weights)) return;
  if (!std::filesystem::exists(loss.class_weights)) {
    fail_usage("{}: '{}' is no file; give balanced, effective:BETA, numbers such as 0.5,1,2, or a file of them", kFlag,
               shortened(loss.class_weights));
  }
  const std::string file = loss.class_weights;
  std::string numbers;
  for (const std::string& line : read_lines(file)) {
    double weight = 0;
    set_option({.key = "weight", .help = "", .field = &weight, .min = 0, .max = 1e9}, line, printable(file));
    numbers += (numbers.empty() ? "" : ",") + line;
  }
  if (numbers.empty()) fail("{}: holds no weights; give one a line, in the order of the classes", printable(file));
  loss.class_weights = numbers;
}

std::vector<double> class_weights(const LossSettings& loss, const std::vector<std::int64_t>& samples) {
  const std::string& text = loss.class_weights;
  if (text.empty()) return {};
  if (text == "balanced") return balanced_weights(samples);
  if (text.starts_with("effective:")) {
    return normalised(effective_number_weights(samples, beta_of(text)));
  }
  std::vector<double> weights = numbers_of(text);
  if (weights.size() != samples.size()) {
    fail_usage("{}: {} weights for {} classes; give one a class, in their order", kFlag, weights.size(),
               samples.size());
  }
  if (std::all_of(weights.begin(), weights.end(), [](double weight) { return weight == 0; })) {
    fail_usage("{}: all weights are 0: nothing would be learnt", kFlag);
  }
  return weights;
}

}  // namespace springbok::recipe
