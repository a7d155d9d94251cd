// SPDX-License-Identifier: MIT
// The devices that LibTorch can make the voices' sound on.
//   names    as synth/device.h has them; "cuda" is cuda:0
//   failure  LibTorch ends what a device cannot do with exceptions of its own, pages long: on_device() is the
//            boundary that makes of each one line of ours
//   errors   Error{usage} for a name that is none of these; Error{environment} for a device that is not there, has
//            too little memory or fails
#pragma once

#include <c10/core/Device.h>

#include <memory>
#include <string>
#include <vector>

#include "synth/device.h"

namespace auralis {

std::vector<std::string> list_devices();
c10::Device find_device(const std::string& name);  // cpu, cuda, cuda:N or mps
std::unique_ptr<Device> open_device(const std::string& name);

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
