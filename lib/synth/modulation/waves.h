// SPDX-License-Identifier: MIT
// The sources of modulation that go by themselves: each a pure function of a key and of time, so that a copy, a seek or a
// voice that joins late is exact. See the table in model/modulation.h.
//   key      which of them: other keys give other phases and other numbers
//   returns  −1 … 1, of gusts 0 … 1; without a step: what jumps, glides for a tenth of the period, or 30 ms
//   same     the same bits on every machine
//   source   walk: Catmull & Rom, A class of local interpolating splines, 1974; pink: Voss & Clarke, "1/f noise" in
//            music, JASA 63 (1978), with a spline in place of each die
#pragma once

#include <cstdint>

#include "model/modulation.h"

namespace auralis::modulation {

double wave_at(Source wave, uint64_t key, double t_s, double period_s);

// A number drawn by a key, −1 … 1.
double drawn(uint64_t key, int64_t n = 0);

// The key of one of many.
uint64_t key_of(uint64_t key, uint64_t which);

}  // namespace auralis::modulation
