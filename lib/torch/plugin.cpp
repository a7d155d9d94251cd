// SPDX-License-Identifier: MIT
#include "torch/plugin.h"

#include <ATen/Parallel.h>

#include "torch/device.h"
#include "torch/melody/network_file.h"
#include "torch/melody/source.h"
#include "torch/voices/source.h"

namespace {

using namespace auralis;

std::unique_ptr<MelodySource> open_transformer(const std::string& weights, uint64_t seed) {
  at::set_num_threads(1);  // for speed: a single note is too little to share
  return std::make_unique<melody::TransformerMelody>(melody::load_network(weights), seed);
}

std::unique_ptr<VoicesSource> open_voices(const std::string& weights) {
  at::set_num_threads(1);
  return std::make_unique<voices::ModelVoices>(voices::load_network(weights));
}

}  // namespace

const TorchPlugin* auralis_torch_plugin() {
  static constexpr TorchPlugin plugin{AURALIS_VERSION, &list_devices, &open_device, &open_transformer,
                                      &open_voices};
  return &plugin;
}
