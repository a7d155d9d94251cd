// SPDX-License-Identifier: MIT
#include "torch/transformer/weights_file.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/error.h"
#include "base/io.h"
#include "model/rng.h"

namespace auralis::transformer {
namespace {

using nlohmann::json;

constexpr float units = 8192.0F;

std::string hex(uint64_t value) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += digits[(value >> shift) & 15];
  return text;
}

}  // namespace

WeightsFile read_weights(std::string_view first_line, const std::filesystem::path& file) {
  const auto refuse = [&](long line, const std::string& what) {
    throw Error::at(file.string(), line, what + ", expected weights written by scripts/train-melody");
  };
  const std::string head_line = std::string(first_line) + "\n";
  const std::string text = read_file(file);
  if (text.compare(0, head_line.size(), head_line) != 0)
    refuse(1, "not a file of weights that begins with " + std::string(first_line));
  const size_t end = text.find('\n', head_line.size());
  const json head = json::parse(text.begin() + static_cast<long>(head_line.size()),
                                text.begin() + static_cast<long>(std::min(end, text.size())), nullptr, false);
  WeightsFile parts{file, {}, {}};
  try {
    parts.shape = {head.at("width"), head.at("layers"), head.at("heads"), head.at("window")};
  } catch (const json::exception&) {
    refuse(2, "the description is damaged");
  }
  const Shape& shape = parts.shape;
  const auto within = [](int value, int low, int high) { return value >= low && value <= high; };
  // The exact arithmetic counts on sums of at most 512 terms and heads of at most 64.
  if (!within(shape.width, 8, 128) || !within(shape.layers, 1, 16) || !within(shape.heads, 1, 16) ||
      !within(shape.window, 2, 1024) || shape.width % shape.heads != 0 || shape.width / shape.heads > 64) {
    refuse(2, "the shape is out of range");
  }
  parts.bytes = text.substr(end + 1);
  if (head.value("checksum", "") != hex(hash_name(parts.bytes)))
    refuse(2, "the weights are damaged or cut short");
  return parts;
}

void write_weights(std::string_view first_line, const Shape& shape, std::span<const NamedWeight> weights,
                   const json& measured, const std::filesystem::path& file) {
  std::string bytes;
  for (const NamedWeight& weight : weights) {
    const at::Tensor values = weight.tensor->detach().to(at::kFloat).contiguous();
    const float* data = values.data_ptr<float>();
    for (int64_t i = 0; i < values.numel(); ++i) {
      const auto word = static_cast<int>(std::lround(std::clamp(data[i] * units, -32767.0F, 32767.0F)));
      bytes += static_cast<char>(word & 0xff);
      bytes += static_cast<char>((word >> 8) & 0xff);
    }
  }
  const json head{{"width", shape.width},
                  {"layers", shape.layers},
                  {"heads", shape.heads},
                  {"window", shape.window},
                  {"checksum", hex(hash_name(bytes))},
                  {"measured", measured}};
  write_file(file, std::string(first_line) + "\n" + head.dump() + "\n" + bytes);
}

void take_weights(const WeightsFile& from, std::span<const NamedWeight> weights) {
  size_t at_byte = 0;
  for (const NamedWeight& weight : weights) {
    at::Tensor values = at::empty(weight.sizes, at::kFloat);
    if (from.bytes.size() - at_byte < 2 * static_cast<size_t>(values.numel()))
      throw Error::at(from.file.string(), 2, "fewer weights than its shape has, expected as many");
    float* data = values.data_ptr<float>();
    for (int64_t i = 0; i < values.numel(); ++i, at_byte += 2) {
      const auto low = static_cast<uint8_t>(from.bytes[at_byte]);
      const auto high = static_cast<uint8_t>(from.bytes[at_byte + 1]);
      data[i] = static_cast<float>(static_cast<int16_t>(low | (high << 8))) / units;
    }
    *weight.tensor = values;
  }
  if (at_byte != from.bytes.size())
    throw Error::at(from.file.string(), 2, "more weights than its shape has, expected as many");
}

}  // namespace auralis::transformer
