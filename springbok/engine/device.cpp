// Devices by name.
#include "springbok/engine/device.h"

#include <charconv>
#include <optional>

#include "springbok/base/error.h"

namespace springbok::engine {
namespace {

/// The number behind `cuda:`, if it is one.
std::optional<int> number_of(const std::string& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size() && number >= 0;
  return whole ? std::optional(number) : std::nullopt;
}

}  // namespace

std::string Device::name() const {
  return is_cpu() ? "cpu" : format("cuda:{}", cuda);
}

bool Device::available() const {
  return cuda < cuda_devices();
}

Device parse_device(const std::string& text, const std::string& where) {
  const std::string prefix = "cuda:";
  Device device;
  if (text == "cuda") {
    device.cuda = 0;
  } else if (text.starts_with(prefix)) {
    const std::optional<int> number = number_of(text.substr(prefix.size()));
    if (!number) fail_usage("{} {}: a CUDA device is 'cuda' or 'cuda:0', 'cuda:1' and so on", where, text);
    device.cuda = *number;
  } else if (text != "cpu") {
    fail_usage("{} {}: a device is 'cpu', 'cuda' or 'cuda:N'", where, text);
  }
  if (device.available()) return device;
  if (cuda_devices() == 0) fail_usage("{} {}: {}", where, text, why_no_cuda());
  fail_usage("{} {}: this machine's CUDA devices are cuda:0 to cuda:{}", where, text, cuda_devices() - 1);
}

}  // namespace springbok::engine
