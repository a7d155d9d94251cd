// SPDX-License-Identifier: MIT
// What plays, as listeners see it: the members of the `state` message that the composer itself knows.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "compose/composer.h"

namespace auralis {

// {the controls by name, in the order of their table, chord, scene, motif, why, next_chord, layers}
nlohmann::ordered_json state_json(const Composer::State& state);

}  // namespace auralis
