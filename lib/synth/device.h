// SPDX-License-Identifier: MIT
// The devices LibTorch can run the synthesizer on.
//   names    cpu, cuda:N, mps; "auto" is the first CUDA device, else mps, else cpu, and "cuda" is cuda:0
//   errors   Error{usage} for a name that is none of these; Error{environment} for a device that is not there
#pragma once

#include <c10/core/Device.h>

#include <string>
#include <vector>

namespace auralis {

std::vector<std::string> list_devices();
c10::Device find_device(const std::string& name);

}  // namespace auralis
