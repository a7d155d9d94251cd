// SPDX-License-Identifier: MIT
// Whether some work met numbers too small for normal form, by the processor's own flags: at those processors are slow,
// and not all of them can be told to leave them out.
#pragma once

#if defined(__SSE2__)
#include <immintrin.h>

namespace auralis::test {

template <typename Work>
bool meets_denormals(const Work& work) {
  constexpr unsigned operand = 0x02;
  constexpr unsigned underflow = 0x10;
  _mm_setcsr(_mm_getcsr() & ~(operand | underflow));
  work();
  return (_mm_getcsr() & (operand | underflow)) != 0;
}

}  // namespace auralis::test
#endif
