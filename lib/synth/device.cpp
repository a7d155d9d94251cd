// SPDX-License-Identifier: MIT
#include "synth/device.h"

#include <ATen/Context.h>
#include <c10/util/Exception.h>
#ifdef AURALIS_CUDA
#include <c10/cuda/CUDAStream.h>
#endif

#include <algorithm>
#include <charconv>
#include <new>
#include <string_view>

#include "base/error.h"

namespace auralis {
namespace {

bool is_device_name(const std::string& name) {
  if (name == "auto" || name == "cpu" || name == "cuda" || name == "mps") return true;
  if (name.rfind("cuda:", 0) != 0) return false;
  const char* end = name.data() + name.size();
  signed char index = 0;
  const auto parsed = std::from_chars(name.data() + 5, end, index);
  return parsed.ec == std::errc() && parsed.ptr == end && index >= 0;
}

std::string joined(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

// What LibTorch says, as far as people can use it: the first two sentences of the first line, without the place in its
// source ("[enforce fail at FILE:LINE] CONDITION. ").
std::string in_short(std::string text) {
  constexpr size_t most = 160;
  text.erase(std::min(text.size(), text.find('\n')));
  const size_t place_end = text.starts_with('[') ? text.find(". ") : std::string::npos;
  if (place_end != std::string::npos) text.erase(0, place_end + 2);
  const size_t first = text.find(". ");
  const size_t second = first == std::string::npos ? first : text.find(". ", first + 2);
  text.erase(std::min({text.size(), second, text.find(" (GPU")}));
  while (text.ends_with('.') || text.ends_with(' ')) text.pop_back();
  if (text.size() > most) text.replace(most, std::string::npos, "...");
  return text;
}

bool speaks_of_memory(std::string_view text) {
  const auto says = [text](std::string_view words) { return text.find(words) != std::string_view::npos; };
  return says("out of memory") || says("allocate memory") || says("not enough memory");
}

Error memory_error(c10::Device device, const std::string& why) {
  return {Exit::environment, "device " + device.str() + " has too little memory free (" + why +
                                 "); free some of it" + (device.is_cpu() ? "" : ", or give --device cpu")};
}

}  // namespace

std::vector<std::string> list_devices() {
  std::vector<std::string> names{"cpu"};
  if (at::hasCUDA()) {
    for (size_t i = 0; i < at::getNumGPUs(); ++i) names.push_back("cuda:" + std::to_string(i));
  }
  if (at::hasMPS()) names.push_back("mps");
  return names;
}

c10::Device find_device(const std::string& name) {
  if (!is_device_name(name)) {
    throw Error(Exit::usage, "--device " + name + ": expected auto, cpu, cuda, cuda:N or mps");
  }
  if (name == "auto" || name == "cpu") return c10::Device("cpu");
  const std::vector<std::string> present = list_devices();
  const std::string wanted = name == "cuda" ? "cuda:0" : name;
  if (std::find(present.begin(), present.end(), wanted) == present.end()) {
    throw Error(Exit::environment, "device " + wanted + " is not here; this machine has " + joined(present) +
                                       "; give --device cpu");
  }
  return c10::Device(wanted);
}

std::string device_warning([[maybe_unused]] c10::Device device) {
#ifndef AURALIS_CUDA
  if (device.is_cuda()) {
    return "device " + device.str() +
           ": this build has no CUDA kernels, so that voices run there as LibTorch operations, which is "
           "slow; build "
           "with nvcc 12 or newer, or give --device cpu";
  }
#endif
  return {};
}

void own_stream([[maybe_unused]] c10::Device device) {
#ifdef AURALIS_CUDA
  if (!device.is_cuda()) return;
  on_device(device, "starting",
            [&] { c10::cuda::setCurrentCUDAStream(c10::cuda::getStreamFromPool(false, device.index())); });
#endif
}

void rethrow_in_one_line(c10::Device device, const char* doing) {
  try {
    throw;
  } catch (const c10::Error& error) {
    const std::string why = in_short(error.msg());
    if (speaks_of_memory(error.msg())) throw memory_error(device, why);
    throw Error(Exit::environment, "device " + device.str() + " failed while " + doing + " (" + why + "); " +
                                       (device.is_cpu() ? "please report it" : "give --device cpu"));
  } catch (const std::bad_alloc&) {
    throw memory_error(device, std::string("while ") + doing);
  }
}

}  // namespace auralis
