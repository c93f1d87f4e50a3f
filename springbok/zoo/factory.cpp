// The published factories whose names differ from ours, or whose arguments make another model.
#include "springbok/zoo/factory.h"

#include <algorithm>
#include <cctype>
#include <iterator>

namespace springbok::zoo {
namespace {

struct Row {
  const char* factory;
  const char* kwargs;
  const char* model;
};

constexpr Row kRows[] = {
    {"timm.models:tf_efficientnet_lite0", "{}", "efficientnet_lite0"},
    {"timm.models:tf_efficientnet_lite1", "{}", "efficientnet_lite1"},
    {"timm.models:tf_efficientnet_lite2", "{}", "efficientnet_lite2"},
    {"timm.models:tf_efficientnet_lite3", "{}", "efficientnet_lite3"},
    {"timm.models:tf_efficientnet_lite4", "{}", "efficientnet_lite4"},
    {"torchvision.models:googlenet", R"({"aux_logits":false,"init_weights":false})", "googlenet"},
    {"torchvision.models:inception_v3", R"({"aux_logits":false,"init_weights":false})", "inception_v3"},
    {"models:EfficientNet_B0", "{}", "modelzoo/efficientnet_b0"},
    {"models:MobileNetV1", "{}", "mobilenet_v1"},
    {"models:MobileNetV2", "{}", "modelzoo/mobilenet_v2"},
    {"models:MobileNetV3_Large", "{}", "modelzoo/mobilenet_v3_large"},
    {"models:MobileNetV3_Small", "{}", "modelzoo/mobilenet_v3_small"},
    {"models:FairNasA", "{}", "fairnas_a"},
    {"models:FairNasB", "{}", "fairnas_b"},
    {"models:FairNasC", "{}", "fairnas_c"},
    {"models:ProxylessCPU", "{}", "proxyless_cpu"},
    {"models:ProxylessGPU", "{}", "proxyless_gpu"},
    {"models:GhostNet", "{}", "modelzoo/ghostnet_130"},
    {"models.ghostnet:GhostNetA", "{}", "ghostnet_a"},
    {"models.ghostnet:GhostNet600", "{}", "ghostnet_600"},
    {"models:evo_resnet50", R"({"evo_norm":false})", "evo_resnet50_bn"},
    {"models.lamdba_net:LambdaResnet18", "{}", "modelzoo/lambda_resnet18"},
    {"models.lamdba_net:LambdaResnet50", "{}", "lambda_resnet50"},
    {"models.lamdba_net:LambdaResnet101", "{}", "lambda_resnet101"},
    {"models.lamdba_net:LambdaResnet152", "{}", "lambda_resnet152"},
};

/// `models.regnet:RegNetX1_6GF` -> `modelzoo/regnet_x_1_6gf`.
std::string regnet(const std::string& factory) {
  const std::string prefix = "models.regnet:RegNet";
  if (!factory.starts_with(prefix)) return "";
  std::string name = factory.substr(prefix.size());
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  return "modelzoo/regnet_" + name.substr(0, 1) + "_" + name.substr(1);
}

/// `models:oct_resnet50` with `{"alpha":0.125}` -> `modelzoo/oct_resnet50_alpha0_125`; from `models.oct_resnet`, whose
/// stages are whole, `oct_resnet50_alpha0_125`.
std::string octave(const std::string& factory, const std::string& kwargs) {
  const std::string key = R"({"alpha":)";
  const std::string name = factory.substr(factory.find(':') + 1);
  if (!name.starts_with("oct_") || !kwargs.starts_with(key)) return "";
  std::string alpha = kwargs.substr(key.size(), kwargs.size() - key.size() - 1);
  std::replace(alpha.begin(), alpha.end(), '.', '_');
  return (factory.starts_with("models:") ? "modelzoo/" : "") + name + "_alpha" + alpha;
}

}  // namespace

std::string renamed_factory(const std::string& factory, const std::string& kwargs_json) {
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& candidate) {
    return candidate.factory == factory && candidate.kwargs == kwargs_json;
  });
  if (row != std::end(kRows)) return row->model;
  const std::string found = regnet(factory);
  return found.empty() ? octave(factory, kwargs_json) : found;
}

}  // namespace springbok::zoo
