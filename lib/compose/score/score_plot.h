// SPDX-License-Identifier: MIT
// A piece on one page: a piano roll in a few rows, coloured by layer, with the chords named above it.
#pragma once

#include <span>
#include <string>

#include "model/event.h"

namespace auralis {

// An SVG document; no scripts, no fonts of its own.
std::string score_svg(std::span<const Event> events);

}  // namespace auralis
