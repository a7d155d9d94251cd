// SPDX-License-Identifier: MIT
#include "torch/melody/network_file.h"

#include <nlohmann/json.hpp>
#include <string_view>

#include "torch/transformer/weights_file.h"

namespace auralis::melody {
namespace {

constexpr std::string_view first_line = "auralis-melody 1";

}  // namespace

void save_network(Network net, const nlohmann::json& measured, const std::filesystem::path& file) {
  transformer::write_weights(first_line, net.shape, named_weights(net), measured, file);
}

Network load_network(const std::filesystem::path& file) {
  const transformer::WeightsFile from = transformer::read_weights(first_line, file);
  Network net = empty_network(from.shape);
  transformer::take_weights(from, named_weights(net));
  return net;
}

}  // namespace auralis::melody
