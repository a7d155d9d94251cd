// SPDX-License-Identifier: MIT
// Numbers as people read them and programs read them back.
#pragma once

#include <string>

namespace auralis {

// The shortest text that reads back to the same number.
std::string number_text(double x);

// The number with the fewest decimals that is this float; so 0.3f is 0.3 and not 0.30000001192092896.
double short_decimal(float x);

}  // namespace auralis
