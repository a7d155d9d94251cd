// SPDX-License-Identifier: MIT
// A network in a file of two bytes a weight.
//   line 1   auralis-melody 1
//   line 2   JSON: the shape, the weights' checksum, and what the training measured, for people to read
//   rest     every weight in the order of named_weights, a 16-bit integer, little-endian, in units of 2^-13
//   errors   any other file: Error{bad_input}, naming it
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>

#include "torch/melody/network.h"

namespace auralis::melody {

// Weights beyond ±4 are brought to it.
void save_network(Network net, const nlohmann::json& measured, const std::filesystem::path& file);
Network load_network(const std::filesystem::path& file);

}  // namespace auralis::melody
