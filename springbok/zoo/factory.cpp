// The published factories of Elastic and ModelZoo (and, by their own names, torchvision's and timm's), by rule.
#include "springbok/zoo/factory.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>
#include <set>

#include "springbok/base/error.h"
#include "springbok/zoo/variants.h"

namespace springbok::zoo {
namespace {

using Json = nlohmann::json;

constexpr const char* kElastic = "allenai/elastic";
constexpr const char* kModelZoo = "PistonY/ModelZoo.pytorch";

/// A factory's keyword arguments, taken one by one; those left over are not known.
class Arguments {
 public:
  Arguments(std::string factory, const std::string& json)
      : factory_(std::move(factory)), all_(Json::parse(json.empty() ? "{}" : json, nullptr, false)) {
    if (!all_.is_object()) fail_usage("{}: its arguments are a JSON object", factory_);
    for (auto at = all_.begin(); at != all_.end();) at = at->is_null() ? all_.erase(at) : std::next(at);
  }

  bool has(const char* key) const { return all_.contains(key); }
  double number(const char* key, double otherwise) { return taken(key, otherwise, &Json::is_number, "a number"); }
  std::int64_t whole(const char* key, std::int64_t otherwise) {
    return taken(key, otherwise, &Json::is_number_integer, "a whole number");
  }
  bool truth(const char* key, bool otherwise = false) {
    if (has(key) && all_[key].is_number_integer()) all_[key] = all_[key] != 0;
    return taken(key, otherwise, &Json::is_boolean, "true or false");
  }
  std::string text(const char* key, const std::string& otherwise) {
    return taken(key, otherwise, &Json::is_string, "a text");
  }
  void leave_out(const char* key) { all_.erase(key); }
  /// An argument of which one value is known.
  template <class T>
  void only(const char* key, T value) {
    if (has(key) && all_[key] != value) fail_usage("{}: {} = {} is not known", factory_, key, all_[key].dump());
    leave_out(key);
  }
  void finish() const {
    if (!all_.empty()) fail_usage("{}: the argument '{}' is not known", factory_, all_.begin().key());
  }
  const std::string& factory() const { return factory_; }

 private:
  template <class T>
  T taken(const char* key, T otherwise, bool (Json::*fits)() const noexcept, const char* what) {
    if (!has(key)) return otherwise;
    if (!(all_[key].*fits)()) fail_usage("{}: {}: expects {}, got {}", factory_, key, what, all_[key].dump());
    const T value = all_[key].get<T>();
    leave_out(key);
    return value;
  }

  std::string factory_;
  Json all_;
};

ActivationChoice activation_of(Arguments& arguments) {
  const std::string name = arguments.text("activation", "relu");
  if (name == "relu") return ActivationChoice::published;
  if (name == "relu6") return ActivationChoice::relu6;
  if (name == "swish") return ActivationChoice::swish;
  if (name == "h_swish") return ActivationChoice::hswish;
  fail_usage("{}: activation = \"{}\" is not known", arguments.factory(), name);
}

/// What is an option here, for any factory. Nothing drops at random where a golden file is made, and memory is no
/// matter of numbers; a pool of any size covers the map, as ours does.
ModelOptions options_of(Arguments& arguments) {
  ModelOptions options;
  constexpr std::int64_t kVocClasses = 21;  // torchvision's default where pixels are scored
  if (arguments.factory().starts_with("torchvision.models.segmentation:")) options.classes = kVocClasses;
  options.classes = arguments.whole("num_classes", arguments.whole("classes", options.classes));
  if (arguments.truth("small_input") || arguments.truth("small_inputs")) options.stem = Stem::small;
  options.activation = activation_of(arguments);
  options.aux_head = arguments.truth("aux_loss");
  for (const char* key : {"dropout", "dropout_rate", "drop_rate", "drop_connect_rate", "drop_path_rate", "drop_block",
                          "efficient", "pool_size", "init_weights"}) {
    arguments.leave_out(key);
  }
  for (const char* key : {"aux_logits", "pretrained", "progress", "transform_input"}) arguments.only(key, false);
  return options;
}

/// `evo_resnext50_32x4d` -> its parts.
struct ResNetName {
  std::string kind, depth;
  bool second = false;  ///< v2
  ResNetShape shape;
};

std::optional<ResNetName> resnet_name(const std::string& name, Arguments& arguments) {
  static const std::regex pattern("((?:evo_|oct_)?)resne[x]?t(18|34|50|101|152)(v2)?(?:_(\\d{1,3})x(\\d{1,3})d)?");
  std::smatch parts;
  if (!std::regex_match(name, parts, pattern)) return std::nullopt;
  ResNetName found{.kind = parts[1], .depth = parts[2], .second = parts[3].matched, .shape = {}};
  const int depth = std::stoi(found.depth);
  using Blocks = std::array<std::int64_t, 4>;
  found.shape.blocks = depth == 18    ? Blocks{2, 2, 2, 2}
                       : depth == 101 ? Blocks{3, 4, 23, 3}
                       : depth == 152 ? Blocks{3, 8, 36, 3}
                                      : Blocks{3, 4, 6, 3};
  found.shape.groups = arguments.whole("groups", parts[4].matched ? std::stoll(parts[4]) : 1);
  found.shape.base_width = arguments.whole("width_per_group", parts[5].matched ? std::stoll(parts[5]) : 64);
  constexpr std::int64_t kMost = 4096;
  if (found.shape.groups < 1 || found.shape.groups > kMost || found.shape.base_width < 1 ||
      found.shape.base_width > kMost) {
    fail_usage("{}: groups and width_per_group are between 1 and {}", arguments.factory(), kMost);
  }
  return found;
}

std::string decimal(double number) {
  std::string text = format("{}", number);
  std::replace(text.begin(), text.end(), '.', '_');
  return text;
}

ModelInfo resnet_of(const std::string& name, const ResNetName& parts, Arguments& arguments) {
  const bool bottleneck = parts.depth != "18" && parts.depth != "34";
  if (parts.kind == "oct_") {
    const bool modelzoo = arguments.factory().starts_with("models:");
    if (!arguments.has("alpha")) fail_usage("{}: needs its argument 'alpha'", arguments.factory());
    const double alpha = arguments.number("alpha", 0);
    return oct_resnet_variant((modelzoo ? "modelzoo/" : "") + name + "_alpha" + decimal(alpha), parts.shape,
                              {.alpha = alpha, .pre_activated = parts.second, .modelzoo = modelzoo});
  }
  if (parts.kind == "evo_") {
    const bool evo = arguments.truth("evo_norm", true);
    return evo_resnet_variant((bottleneck ? "" : "modelzoo/") + name + (evo ? "" : "_bn"), parts.shape, evo);
  }
  if (!parts.second) return resnet_variant(name, parts.shape, bottleneck);
  const bool post_activated = parts.depth == "101" || parts.depth == "152" || name.starts_with("resnext");
  return resnet_v2_variant((post_activated ? "modelzoo/" : "") + name, parts.shape, bottleneck, post_activated);
}

std::optional<ModelInfo> ghostnet_of(const std::string& name, Arguments& arguments) {
  if (!arguments.has("width")) return std::nullopt;
  const double width = arguments.number("width", 0);
  if (name == "GhostNet") return ghostnet_variant("modelzoo/ghostnet_width" + decimal(width), width);
  if (name == "GhostNet600") return ghostnet_600_variant("ghostnet_600_width" + decimal(width), width);
  fail_usage("{}: the argument 'width' is not known", arguments.factory());
}

std::optional<ModelInfo> efficientnet_of(const std::string& name, Arguments& arguments) {
  constexpr double kDepths[] = {1, 1.1, 1.2, 1.4, 1.8, 2.2, 2.6, 3.1};
  if (!name.starts_with("EfficientNet")) return std::nullopt;
  arguments.only("depth_div", 8);
  arguments.only("min_depth", 8);
  if (name == "EfficientNet") {
    arguments.leave_out("width_coeff");  // the source computes with it and keeps the width
    const double depth = arguments.number("depth_coeff", 1);
    return efficientnet_variant("modelzoo/efficientnet_depth" + decimal(depth), depth);
  }
  const std::string number = name.substr(std::min(name.size(), std::string("EfficientNet_B").size()));
  if (number.size() != 1 || number[0] < '0' || number[0] > '7') return std::nullopt;
  return efficientnet_variant("modelzoo/efficientnet_b" + number, kDepths[number[0] - '0']);
}

std::optional<ModelInfo> densenet_of(const std::string& name, Arguments& arguments) {
  const bool elastic = name.ends_with("_elastic");
  const auto given = [&](const char* key) { return arguments.has(key); };
  if (!given("growth_rate") && !given("num_init_features") && !given("bn_size") && !given("compression")) return {};
  DenseNetShape shape;
  shape.growth = arguments.whole("growth_rate", shape.growth);
  shape.first_width = arguments.whole("num_init_features", shape.first_width);
  shape.bottleneck = arguments.whole("bn_size", shape.bottleneck);
  shape.compression = arguments.number("compression", shape.compression);
  return elastic_densenet_variant("elastic/" + name, shape, elastic);
}

/// A relative of a listed model, or nothing where the arguments ask for a listed one.
std::optional<ModelInfo> variant(const std::string& repo, const std::string& name, Arguments& arguments) {
  if (repo == kElastic) {
    arguments.only("down_ratio", 2);
    arguments.only("return_levels", false);
    arguments.only("linear_root", false);
    if (name.starts_with("densenet201")) return densenet_of(name, arguments);
    if (name.starts_with("se_resnext50") && arguments.truth("seg")) {
      return se_resnext_seg_variant(name + "_seg", name.ends_with("_elastic"));
    }
    return std::nullopt;
  }
  if (repo == kModelZoo && name.starts_with("GhostNet")) return ghostnet_of(name, arguments);
  if (repo == kModelZoo && name.starts_with("EfficientNet")) return efficientnet_of(name, arguments);
  const bool with_numbers = arguments.has("groups") || arguments.has("width_per_group");
  if (repo != kModelZoo && !with_numbers) return std::nullopt;
  if (const auto parts = resnet_name(name, arguments)) return resnet_of(name, *parts, arguments);
  return std::nullopt;
}

struct Renamed {
  const char* factory;
  const char* model;
};

constexpr Renamed kRenamed[] = {
    {"models:MobileNetV1", "mobilenet_v1"},
    {"models:MobileNetV2", "modelzoo/mobilenet_v2"},
    {"models:MobileNetV3_Large", "modelzoo/mobilenet_v3_large"},
    {"models:MobileNetV3_Small", "modelzoo/mobilenet_v3_small"},
    {"models:FairNasA", "fairnas_a"},
    {"models:FairNasB", "fairnas_b"},
    {"models:FairNasC", "fairnas_c"},
    {"models:ProxylessCPU", "proxyless_cpu"},
    {"models:ProxylessGPU", "proxyless_gpu"},
    {"models:GhostNet", "modelzoo/ghostnet_130"},
    {"models:GhostNetA", "ghostnet_a"},
    {"models:GhostNet600", "ghostnet_600"},
    {"models:LambdaResnet18", "modelzoo/lambda_resnet18"},
    {"models:LambdaResnet34", "lambda_resnet50"},  // they have the same blocks
    {"models:LambdaResnet50", "lambda_resnet50"},
    {"models:LambdaResnet101", "lambda_resnet101"},
    {"models:LambdaResnet152", "lambda_resnet152"},
};

/// `RegNetX1_6GF` -> `modelzoo/regnet_x_1_6gf`.
std::string regnet(const std::string& name) {
  const std::string prefix = "RegNet";
  if (!name.starts_with(prefix) || name.size() < prefix.size() + 2) return "";
  std::string size = name.substr(prefix.size());
  std::transform(size.begin(), size.end(), size.begin(), [](unsigned char c) { return std::tolower(c); });
  return "modelzoo/regnet_" + size.substr(0, 1) + "_" + size.substr(1);
}

/// Our names for a factory, the likeliest first. ModelZoo's may be imported from any of its modules.
std::vector<std::string> names_of(const std::string& repo, const std::string& name) {
  if (repo == kElastic) return {"elastic/" + name, name};
  if (repo != kModelZoo) return {name.starts_with("tf_") ? name.substr(3) : name};
  const auto* row = std::find_if(std::begin(kRenamed), std::end(kRenamed),
                                 [&](const Renamed& each) { return each.factory == "models:" + name; });
  if (row != std::end(kRenamed)) return {row->model};
  return {regnet(name), "modelzoo/" + name, name};
}

}  // namespace

FactoryModel factory_model(const std::string& source_repo, const std::string& factory, const std::string& kwargs_json) {
  Arguments arguments(factory, kwargs_json);
  FactoryModel found{.model = {}, .options = options_of(arguments)};
  std::string name = factory.substr(factory.find(':') + 1);
  if (auto relative = variant(source_repo, name, arguments)) {
    arguments.finish();
    found.model = std::move(*relative);
    return found;
  }
  if (arguments.truth("seg")) name += "_seg";
  arguments.finish();
  for (const std::string& ours : names_of(source_repo, name)) {
    for (const ModelInfo& model : models()) {
      if (model.name != ours) continue;
      found.model = model;
      return found;
    }
  }
  fail_usage("{}: a factory of {} that is not known", factory, source_repo);
}

}  // namespace springbok::zoo
