// SPDX-License-Identifier: MIT
// The melody network in a file of weights (transformer/weights_file.h) that begins with `auralis-melody 1`.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>

#include "torch/melody/network.h"

namespace auralis::melody {

void save_network(Network net, const nlohmann::json& measured, const std::filesystem::path& file);
Network load_network(const std::filesystem::path& file);

}  // namespace auralis::melody
