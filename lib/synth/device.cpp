// SPDX-License-Identifier: MIT
#include "synth/device.h"

#include <ATen/Context.h>

#include <algorithm>
#include <charconv>

#include "core/error.h"

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
    throw Error(Exit::environment, "device " + wanted + " is not here; this machine has " + joined(present));
  }
  return c10::Device(wanted);
}

}  // namespace auralis
