// Images, digests and answers of random sources.
#include "tests/golden/functions/image_sheet.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "springbok/base/error.h"
#include "springbok/base/rng.h"

namespace springbok::golden {

using nlohmann::json;

image::Image image_named(const std::string& name, int width, int height) {
  image::Image image(height, width, 3);
  const at::Tensor u = fill_u("__image__", {height, width, 3});
  const double* values = u.const_data_ptr<double>();
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < 3; ++c) {
        const std::size_t i = (static_cast<std::size_t>(y) * width + x) * 3 + c;
        int value = 0;
        if (name == "noise") {
          value = static_cast<int>(std::floor(256 * values[i]));
        } else if (name == "ramp") {
          value = (c == 0 ? 30 + 2 * x : c == 1 ? 60 + 2 * y : 200 - x - y) + static_cast<int>(32 * values[i]);
        } else if (name == "flat") {
          value = c == 0 ? 100 : c == 2 ? 255 : x < width / 2 ? 10 : 240;
        } else {
          fail("an image '{}'", name);
        }
        image.pixels[i] = static_cast<std::uint8_t>(value);
      }
    }
  }
  return image;
}

image::Image image_of(const Sheet& sheet, const json& row) {
  const std::string name = row.value("image", sheet.at("images")[0]["image"].get<std::string>());
  if (row.contains("width")) return image_named(name, row["width"], row["height"]);
  for (const json& image : sheet.at("images")) {
    if (image["image"] == name) return image_named(name, image["width"], image["height"]);
  }
  fail("an image '{}' that its list does not have", name);
}

std::string digest_of(std::span<const std::uint8_t> bytes) {
  return format("{:016x}", fnv1a64({reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
}

void compare_image(Sheet& sheet, const std::string& what, const image::Image& got, const json& row) {
  const std::string digest = digest_of(got.pixels);
  if (digest == Sheet::need(row, "fnv1a64")) return;
  std::string first;
  for (std::size_t i = 0; i < row.value("first", json::array()).size(); ++i) first += format(" {}", got.pixels[i]);
  sheet.expect(false, format("{}: digest {} instead of {}, first{} instead of {}", what, digest,
                             row["fnv1a64"].get<std::string>(), first, row.value("first", json()).dump()));
}

void compare_images(Sheet& sheet) {
  for (const json& row : sheet.at("images")) {
    compare_image(sheet, "image " + row["image"].get<std::string>(),
                  image_named(row["image"], row["width"], row["height"]), row);
  }
}

Listed::Listed(Sheet& sheet, std::string what, const json& draws) : sheet_(sheet), what_(std::move(what)) {
  for (const json& draw : draws) {
    if (!draw[0].get<std::string>().starts_with("choices of ")) {
      draws_.push_back(draw);
      continue;
    }
    const std::string one = "choice of " + draw[0].get<std::string>().substr(std::string_view("choices of ").size());
    for (std::size_t i = 1; i < draw.size(); ++i) draws_.push_back({one, draw[i]});
  }
}

json Listed::take(const std::string& kind) {
  if (next_ >= draws_.size()) fail("{}: asks for '{}' behind the file's last answer", what_, kind);
  const json& draw = draws_[next_++];
  const std::string name = draw[0];
  if (name != kind && !(kind == "whole number" && (name == "randint" || name.starts_with("choice of ")))) {
    fail("{}: asks for '{}' where the file answers {}", what_, kind, draw.dump());
  }
  return draw;
}

double Listed::unit() {
  return take("random")[1];
}

double Listed::between(double low, double high) {
  const json draw = take("uniform");
  sheet_.near(what_ + ": least", low, draw[1], 1e-6);
  sheet_.near(what_ + ": most", high, draw[2], 1e-6);
  return draw[3];
}

std::uint64_t Listed::below(std::uint64_t bound) {
  if (pixels_.defined() && used()) {
    return static_cast<std::uint64_t>(pixels_[next_pixel_++].item<double>() * static_cast<double>(bound));
  }
  const json draw = take("whole number");
  const std::string name = draw[0];
  if (name != "randint") {
    sheet_.equal(what_ + ": what is chosen from", format("choice of {}", bound), name);
    return draw[1];
  }
  const std::int64_t least = draw[1], most = draw[2], value = draw[3];
  sheet_.equal(what_ + ": numbers to draw from", static_cast<std::int64_t>(bound), most - least + 1);
  return static_cast<std::uint64_t>(value - least);
}

double Listed::normal() {
  constexpr std::int64_t kMany = 1 << 16;
  if (!pixels_.defined()) pixels_ = fill_scaled("__normal__", {kMany}, 1);
  return pixels_[next_normal_++].item<double>();
}

void Listed::pixels_behind(std::int64_t count) {
  pixels_ = fill_u("__pixels__", {count});
}

void Listed::expect_used() {
  sheet_.expect(used(), format("{}: {} of {} answers were not asked for", what_, draws_.size() - next_, draws_.size()));
}

}  // namespace springbok::golden
