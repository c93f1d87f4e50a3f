// Devices by name.
#include "springbok/engine/device.h"

#include <c10/core/impl/DeviceGuardImplInterface.h>

#include <charconv>
#include <optional>

#include "springbok/base/error.h"

namespace springbok::engine {
namespace {

/// The number behind `cuda:`, if it is one that LibTorch can count.
std::optional<int> number_of(const std::string& text) {
  constexpr int kMost = 127;
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size() && number >= 0 && number <= kMost;
  return whole ? std::optional(number) : std::nullopt;
}

at::Device numbered(at::DeviceType type, int number) {
  return {type, static_cast<c10::DeviceIndex>(number)};
}

/// The number of a device called `NAME` or `NAME:N`; nothing for another name.
std::optional<std::optional<int>> number_under(const std::string& name, const std::string& text) {
  if (text == name) return std::optional(0);
  if (!text.starts_with(name + ":")) return std::nullopt;
  return number_of(text.substr(name.size() + 1));
}

}  // namespace

at::Device parse_device(const std::string& text, const std::string& where) {
  if (text == "cpu") return at::kCPU;
  if (const auto number = number_under("cuda", text)) {
    if (!*number) fail_usage("{} {}: a CUDA device is 'cuda' or 'cuda:0', 'cuda:1' and so on", where, text);
    if (**number < cuda_devices()) return numbered(at::kCUDA, **number);
    if (cuda_devices() == 0) fail_usage("{} {}: {}", where, text, why_no_cuda());
    fail_usage("{} {}: this machine's CUDA devices are cuda:0 to cuda:{}", where, text, cuda_devices() - 1);
  }
  if (c10::is_privateuse1_backend_registered()) {
    const auto number = number_under(c10::get_privateuse1_backend(), text);
    if (number && *number && c10::impl::hasDeviceGuardImpl(at::kPrivateUse1))
      return numbered(at::kPrivateUse1, **number);
  }
  fail_usage("{} {}: a device is 'cpu', 'cuda' or 'cuda:N'", where, text);
}

}  // namespace springbok::engine
