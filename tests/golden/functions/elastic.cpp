// Images, masks, digests of Elastic's golden files.
#include "tests/golden/functions/elastic.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <map>
#include <regex>

#include "springbok/base/error.h"
#include "springbok/base/rng.h"

namespace springbok::golden {
namespace {

using nlohmann::json;

std::vector<std::int64_t> whole(const at::Tensor& numbers) {
  const at::Tensor flat = numbers.reshape({-1}).to(at::kLong).contiguous();
  return {flat.const_data_ptr<std::int64_t>(), flat.const_data_ptr<std::int64_t>() + flat.numel()};
}

int number_in(const std::string& text, const std::string& pattern) {
  std::smatch match;
  if (!std::regex_search(text, match, std::regex(pattern))) fail("the rule '{}' is not known", text);
  return std::stoi(match[1]);
}

}  // namespace

std::string digest_of(std::span<const std::byte> bytes) {
  return fmt::format("{:016x}", fnv1a64({reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
}

std::string digest_of(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += name + "\n";
  return digest_of(std::as_bytes(std::span(text)));
}

image::Image filled_image(const std::string& fill, int height, int width) {
  image::Image image(height, width, 3);
  if (fill.find("mod 256") != std::string::npos) {
    if (fill != "(5x + 3y + 80c) mod 256") fail("the rule '{}' is not known", fill);
    for (std::size_t i = 0; i < image.pixels.size(); ++i) {
      const std::size_t c = i % 3, x = i / 3 % static_cast<std::size_t>(width),
                        y = i / 3 / static_cast<std::size_t>(width);
      image.pixels[i] = static_cast<std::uint8_t>(5 * x + 3 * y + 80 * c);
    }
    return image;
  }
  const std::vector<std::int64_t> values = whole(at::floor(at::mul(fill_u(fill, {height, width, 3}), 256)));
  image.pixels.assign(values.begin(), values.end());
  return image;
}

image::Image filled_mask(const std::string& fill, const std::string& rule, int height, int width, int block) {
  if (block == 0) block = number_in(rule, "blocks of ([0-9]+) x");
  const int values = number_in(rule, "floor\\(([0-9]+) u\\)"), ignored = number_in(rule, "([0-9]+) means 255");
  const int across = (width + block - 1) / block, down = (height + block - 1) / block;
  const std::vector<std::int64_t> blocks = whole(at::floor(at::mul(fill_u(fill, {down, across}), values)));
  image::Image mask(height, width, 1);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const std::int64_t value = blocks[static_cast<std::size_t>(y / block * across + x / block)];
      mask.row(y)[x] = static_cast<std::uint8_t>(value == ignored ? 255 : value);
    }
  }
  return mask;
}

void check_image(Sheet& sheet, const std::string& what, const image::Image& got, const json& wanted) {
  std::vector<int> shape{got.height, got.width};
  if (got.channels != 1) shape.push_back(got.channels);
  for (const auto& [key, value] : wanted.items()) {
    const std::string where = what + ": " + key;
    if (key == "shape") {
      sheet.equal(where, shape, value);
    } else if (key == "fnv1a64") {
      sheet.equal(where, digest_of(std::as_bytes(std::span(got.pixels))), value);
    } else if (key == "first") {
      sheet.equal(where, std::vector(got.pixels.begin(), got.pixels.begin() + std::ssize(value)), value);
    } else if (key == "last") {
      sheet.equal(where, std::vector(got.pixels.end() - std::ssize(value), got.pixels.end()), value);
    } else if (key == "histogram") {
      std::map<int, int> counts;
      for (const std::uint8_t pixel : got.pixels) ++counts[pixel];
      sheet.equal(where, std::vector(counts.begin(), counts.end()), value);
    } else {
      sheet.unknown(where);
    }
  }
}

void check_floats(Sheet& sheet, const std::string& what, const at::Tensor& got, const json& wanted) {
  constexpr double kSingle = 1e-6;
  const at::Tensor flat = got.to(at::kFloat).contiguous().reshape({-1}), wide = flat.to(at::kDouble);
  for (const auto& [key, value] : wanted.items()) {
    const std::string where = what + ": " + key;
    if (key == "shape") {
      sheet.equal(where, got.sizes().vec(), value);
    } else if (key == "fnv1a64") {
      const std::span<const float> floats(flat.const_data_ptr<float>(), static_cast<std::size_t>(flat.numel()));
      sheet.equal(where, digest_of(std::as_bytes(floats)), value);
    } else if (key == "first") {
      sheet.numbers(where, wide.narrow(0, 0, std::ssize(value)), value, kSingle);
    } else if (key == "last") {
      sheet.numbers(where, wide.narrow(0, wide.numel() - std::ssize(value), std::ssize(value)), value, kSingle);
    } else if (key == "at") {
      for (const json& pair : value)
        sheet.near(where, wide[pair[0].get<std::int64_t>()].item<double>(), pair[1], kSingle);
    } else if (key == "sum") {
      sheet.near(where, wide.sum().item<double>(), value, 1e-9, static_cast<double>(wide.numel()));
    } else if (key == "l2") {
      sheet.near(where, wide.norm().item<double>(), value, 1e-9);
    } else {
      sheet.unknown(where);
    }
  }
}

std::vector<data::Labelling> labellings_of(const json& data) {
  std::vector<data::Labelling> labellings;
  for (const json& entry : Sheet::need(data, "images")) {
    const int height = Sheet::need(entry, "height"), width = Sheet::need(entry, "width");
    labellings.push_back({filled_image(Sheet::need(entry, "image_fill"), height, width),
                          filled_mask(Sheet::need(entry, "mask_fill"), Sheet::need(data, "mask"), height, width)});
  }
  return labellings;
}

at::Tensor mask_tensor(const image::Image& mask) {
  at::Tensor tensor = at::empty({1, mask.height, mask.width}, at::kByte);
  std::copy(mask.pixels.begin(), mask.pixels.end(), tensor.mutable_data_ptr<std::uint8_t>());
  return tensor;
}

std::vector<std::byte> from_base64(const std::string& text) {
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<std::byte> bytes;
  std::uint32_t held = 0;
  int bits = 0;
  for (const char digit : text) {
    const std::size_t value = digits.find(digit);
    if (value == std::string::npos) continue;
    held = held << 6 | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push_back(static_cast<std::byte>(held >> bits));
  }
  return bytes;
}

std::string option_of(const json& file, const std::string& flag) {
  const json& options = Sheet::need(file, "options");
  for (std::size_t i = 0; i + 1 < options.size(); ++i) {
    if (options[i] == flag) return options[i + 1];
  }
  return "";
}

}  // namespace springbok::golden
