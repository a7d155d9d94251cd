// SPDX-License-Identifier: MIT
// Weights in a file of two bytes each.
//   line 1   which network they are of, such as `auralis-melody 1`
//   line 2   JSON: the shape, the weights' checksum, and what the training measured, for people to read
//   rest     every weight in its order, a 16-bit integer, little-endian, in units of 2^-13
//   errors   any other file: Error{bad_input}, naming it
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>

#include "torch/transformer/layers.h"

namespace auralis::transformer {

// Weights beyond ±4 are brought to it.
void write_weights(std::string_view first_line, const Shape& shape, std::span<const NamedWeight> weights,
                   const nlohmann::json& measured, const std::filesystem::path& file);

struct WeightsFile {
  std::filesystem::path file;
  Shape shape;
  std::string bytes;
};
WeightsFile read_weights(std::string_view first_line, const std::filesystem::path& file);
void take_weights(const WeightsFile& from, std::span<const NamedWeight> weights);

}  // namespace auralis::transformer
