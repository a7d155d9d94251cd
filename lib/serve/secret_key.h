// SPDX-License-Identifier: MIT
// A name that nobody can guess, for an address that is its own key.
#pragma once

#include <string>

namespace auralis {

// 32 hexadecimal digits. Throws Error{environment} where there are no random numbers.
std::string draw_key();

}  // namespace auralis
