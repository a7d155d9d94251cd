// SPDX-License-Identifier: MIT
// Input that somebody has damaged, for readers that have to stand it.
#pragma once

#include <cstdlib>
#include <string>

#include "model/rng.h"

namespace auralis::test {

// How many to try: AURALIS_LONG=1 tries a hundred times as many.
inline int rounds(int usual) { return std::getenv("AURALIS_LONG") != nullptr ? 100 * usual : usual; }

// One to six times: a byte changed, some lost or some doubled, or the end cut off. Never empty.
inline std::string damaged(std::string bytes, Rng& rng) {
  for (size_t i = 1 + rng.index(6); i > 0; --i) {
    const size_t at = rng.index(bytes.size());
    switch (rng.index(7)) {
      case 0:
      case 1:
        bytes[at] = static_cast<char>(rng.index(256));
        break;
      case 2:
      case 3:
        bytes.erase(at, 1 + rng.index(30));
        break;
      case 4:
      case 5:
        bytes.insert(at, bytes.substr(rng.index(bytes.size()), rng.index(60)));
        break;
      default:
        bytes.resize(at);
    }
    if (bytes.empty()) bytes = "x";
  }
  return bytes;
}

}  // namespace auralis::test
