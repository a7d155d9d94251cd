// SPDX-License-Identifier: MIT
#include "torch/device.h"

#include <ATen/Context.h>
#include <c10/util/Exception.h>
#ifdef AURALIS_CUDA
#include <c10/cuda/CUDAStream.h>
#endif

#include <algorithm>
#include <new>
#include <string_view>

#include "base/error.h"
#include "torch/voice/sounds.h"

namespace auralis {
namespace {

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

constexpr std::string_view units_name = "units";

class TorchDevice : public Device {
 public:
  TorchDevice(c10::Device where, bool units) : where_(where), units_(units) {}

  std::string name() const override {
    if (!units_) return where_.str();
    return std::string(units_name) + (where_.is_cpu() ? "" : ":" + where_.str());
  }

  std::string warning() const override {
#ifndef AURALIS_CUDA
    if (where_.is_cuda() && !units_) {
      return "device " + where_.str() +
             ": this build has no CUDA kernels, so that voices run there as LibTorch operations, which is "
             "slow; build with nvcc 12 or newer, or give --device cpu";
    }
#endif
    return {};
  }

  void own_stream() const override {
#ifdef AURALIS_CUDA
    if (!where_.is_cuda()) return;
    on_device(where_, "starting",
              [&] { c10::cuda::setCurrentCUDAStream(c10::cuda::getStreamFromPool(false, where_.index())); });
#endif
  }

  std::unique_ptr<voice::DeviceSound> open_sound(size_t groups, [[maybe_unused]] int chunk,
                                                 [[maybe_unused]] int level_sets) const override {
    return on_device(where_, "starting", [&]() -> std::unique_ptr<voice::DeviceSound> {
#ifdef AURALIS_CUDA
      if (where_.is_cuda() && !units_) return voice::cuda_sound(where_, groups, chunk, level_sets);
#endif
      return voice::unit_sound(where_, groups);
    });
  }

 private:
  c10::Device where_;
  bool units_;
};

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
  if (name == "cpu") return c10::Device("cpu");
  const std::vector<std::string> present = list_devices();
  const std::string wanted = name == "cuda" ? "cuda:0" : name;
  if (std::find(present.begin(), present.end(), wanted) == present.end()) {
    throw Error(Exit::environment, "device " + wanted + " is not here; this machine has " + joined(present) +
                                       "; give --device cpu");
  }
  return c10::Device(wanted);
}

std::unique_ptr<Device> open_device(const std::string& name) {
  check_device_name(name);
  if (name == units_name) return std::make_unique<TorchDevice>(c10::Device("cpu"), true);
  const std::string prefix = std::string(units_name) + ":";
  const bool units = name.starts_with(prefix);
  return std::make_unique<TorchDevice>(find_device(units ? name.substr(prefix.size()) : name), units);
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
