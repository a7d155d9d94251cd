// SPDX-License-Identifier: MIT
// The melody model behind the wall round LibTorch: loaded at run time, only when it is asked for.
//   lookup   libauralis_transformer.so beside the program, then in ../lib/auralis/
//   errors   Error{environment} where it is missing or cannot be loaded
#pragma once

#include <cstdint>
#include <memory>

#include "model/melody_source.h"

namespace auralis {

std::unique_ptr<MelodySource> load_melody_plugin(uint64_t seed);

}  // namespace auralis
