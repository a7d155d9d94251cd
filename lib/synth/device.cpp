// SPDX-License-Identifier: MIT
#include "synth/device.h"

#include <charconv>

#include "base/error.h"

namespace auralis {
namespace {

bool names_device(std::string_view name) {
  constexpr std::string_view numbered = "cuda:";
  if (name == "cpu" || name == "cuda" || name == "mps") return true;
  if (!name.starts_with(numbered)) return false;
  const char* end = name.data() + name.size();
  signed char index = 0;
  const auto parsed = std::from_chars(name.data() + numbered.size(), end, index);
  return parsed.ec == std::errc() && parsed.ptr == end && index >= 0;
}

}  // namespace

bool names_processor(std::string_view name) { return name == "auto" || name == "cpu"; }

void check_device_name(const std::string& name) {
  constexpr std::string_view units = "units:";
  const std::string_view device = name;
  if (device == "auto" || device == "units" || names_device(device)) return;
  if (device.starts_with(units) && names_device(device.substr(units.size()))) return;
  throw Error(Exit::usage, "--device " + name + ": expected auto, cpu, cuda, cuda:N, mps or units");
}

}  // namespace auralis
