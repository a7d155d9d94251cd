// SPDX-License-Identifier: MIT
// What needs LibTorch, for commands that link none of it: the plugin is loaded when something here asks for it.
//   errors   Error{environment}: the plugin is missing, cannot be loaded or is of another version; or as it throws itself
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/melody_source.h"
#include "model/voices_source.h"
#include "synth/device.h"

namespace auralis {

// None for the processor, which needs no plugin; Error{usage} for a bad name. Says what is to be said before it is used.
std::shared_ptr<const Device> open_device(const std::string& name);

// "cpu" and what the plugin knows; where it cannot be loaded, `why` says so.
std::vector<std::string> list_devices(std::string& why);

std::unique_ptr<MelodySource> open_transformer(uint64_t seed);
std::unique_ptr<VoicesSource> open_voices();

}  // namespace auralis
