// SPDX-License-Identifier: MIT
// Nats a note: −ln of the probability of its symbol and, given the symbol, of its length, averaged over the notes.
#pragma once

namespace auralis::melody {

struct Loss {
  double symbol = 0.0;
  double length = 0.0;
  double nats() const { return symbol + length; }
};

}  // namespace auralis::melody
