// SPDX-License-Identifier: MIT
// The devices LibTorch can run the synthesizer on.
//   names    cpu, cuda:N, mps; "cuda" is cuda:0, and "auto" the fastest for one piece, which is the processor: its
//            voices are few beside what a CUDA device needs to be busy (bench/cuda_bench.cpp), and mix and effects
//            are made there anyway
//   errors   Error{usage} for a name that is none of these; Error{environment} for a device that is not there
#pragma once

#include <c10/core/Device.h>

#include <string>
#include <vector>

namespace auralis {

std::vector<std::string> list_devices();
c10::Device find_device(const std::string& name);

}  // namespace auralis
