// SPDX-License-Identifier: MIT
// The devices LibTorch can run the synthesizer on.
//   names    cpu, cuda:N, mps; "cuda" is cuda:0, and "auto" the fastest for one piece, which is the processor: its
//            voices are few beside what a CUDA device needs to be busy (bench/cuda_bench.cpp), and mix and effects
//            are made there anyway
//   failure  LibTorch ends what a device cannot do with exceptions of its own, pages long: on_device() is the
//            boundary that makes of each one line of ours
//   errors   Error{usage} for a name that is none of these; Error{environment} for a device that is not there, has
//            too little memory or fails
#pragma once

#include <c10/core/Device.h>

#include <string>
#include <vector>

namespace auralis {

std::vector<std::string> list_devices();
c10::Device find_device(const std::string& name);

// What is to be said before a device is used, empty where nothing is: CUDA devices in a build without their kernels.
std::string device_warning(c10::Device device);

// What the calling thread gives a CUDA device from now on runs beside what other threads give it: in the next of
// LibTorch's 32 streams.
void own_stream(c10::Device device);

// Within a catch: what LibTorch or the memory threw goes on as Error{environment}, one line that names the device, what
// failed while `doing` what, and a way out; any other exception as it is.
[[noreturn]] void rethrow_in_one_line(c10::Device device, const char* doing);

template <typename F>
decltype(auto) on_device(c10::Device device, const char* doing, const F& f) {
  try {
    return f();
  } catch (...) {
    rethrow_in_one_line(device, doing);
  }
}

}  // namespace auralis
