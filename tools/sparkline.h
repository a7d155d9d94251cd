// SPDX-License-Identifier: MIT
// How a figure moves, as a line of bars; what is not a number leaves a gap.
#pragma once

#include <string>
#include <vector>

namespace auralis {

// A bar for each value, from the least to the greatest.
std::string sparkline(const std::vector<double>& values);

}  // namespace auralis
