// SPDX-License-Identifier: MIT
// What libauralis_torch.so answers: all that needs LibTorch, behind one table, for programs that see nothing of it. Program
// and plugin are built together; `version` tells where they were not.
//   entry    auralis_torch_plugin, a C function of no arguments; tools/torch_plugin.h loads it
//   errors   what the functions throw is Error as usual, one line
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/melody_source.h"
#include "model/voices_source.h"
#include "synth/device.h"

namespace auralis {

struct TorchPlugin {
  const char* version;
  // The devices that are here: cpu, cuda:N, mps.
  std::vector<std::string> (*list_devices)();
  // One of those but cpu; or `units`, LibTorch's operations on the processor, or on another as `units:cuda:0`.
  std::unique_ptr<Device> (*open_device)(const std::string& name);
  std::unique_ptr<MelodySource> (*open_transformer)(const std::string& weights, uint64_t seed);
  std::unique_ptr<VoicesSource> (*open_voices)(const std::string& weights);
};

}  // namespace auralis

extern "C" const auralis::TorchPlugin* auralis_torch_plugin();
