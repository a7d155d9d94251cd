// SPDX-License-Identifier: MIT
// The numbers of the band-limited oscillator, from scripts/design-oscillator; oscillator.h tells what they are for.
#pragma once

#include "synth/simd/lanes.h"

namespace auralis::design {

inline constexpr float kernel_half_width = 3.0F;  // frames

// A modulated phase may stop and turn: its steps are smoothed as if it moved by at least this share of the
// carrier's increment, and at most as fast as two half-widths fit into a cycle.
inline constexpr float slowest_share = 1.0F / 16.0F;
inline constexpr float fastest_increment = 1.0F / 6.0F;

// Polynomials in u², from the highest power: the kernel's integral over u, and the integral of that.
AURALIS_TABLE float step_polynomial[] = {0.19436814F, -1.1172015F, 2.9748976F, -4.8816635F,
                                         5.4226291F,  -4.1800593F, 2.5870295F};
AURALIS_TABLE float corner_polynomial[] = {0.013883438F, -0.093100125F, 0.29748976F, -0.61020794F,
                                           0.90377152F,  -1.0450148F,   1.2935147F,  0.23966343F};

inline constexpr int equalizer_delay = 6;  // frames
inline constexpr int equalizer_history = 2 * equalizer_delay;
AURALIS_TABLE float equalizer_taps[equalizer_delay + 1] = {  // the middle one, then both sides alike
    3.7086116F, -1.5043577F, -0.27113489F, 0.98334214F, -0.93198164F, 0.55106306F, -0.18123683F};

}  // namespace auralis::design
