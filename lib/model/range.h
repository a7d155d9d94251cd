// SPDX-License-Identifier: MIT
// From low to high, both included.
#pragma once

namespace auralis {

struct Range {
  double low = 0.0;
  double high = 0.0;

  bool holds(double x) const { return x >= low && x <= high; }
  double at(double share) const { return low + (high - low) * share; }
  bool operator==(const Range&) const = default;
};

}  // namespace auralis
