// SPDX-License-Identifier: MIT
// Conversions between the units people set and the units code computes in, the same bits on every machine.
#pragma once

#include "model/maths.h"

namespace auralis {

// Levels at and below this are silence: the gain is exactly 0.
inline constexpr double silence_db = -60.0;

constexpr double db_to_gain(double db) { return maths::exp2(db * (maths::log2_10 / 20.0)); }
constexpr double gain_to_db(double gain) { return 20.0 * maths::log10(gain); }
constexpr double db_to_power(double db) { return maths::exp2(db * (maths::log2_10 / 10.0)); }
constexpr double power_to_db(double power) { return 10.0 * maths::log10(power); }
constexpr double fader_to_gain(double db) { return db <= silence_db ? 0.0 : db_to_gain(db); }

// Equal temperament, A4 = MIDI 69 = 440 Hz; pitch may be fractional.
constexpr double midi_to_hz(double pitch) { return 440.0 * maths::exp2((pitch - 69.0) / 12.0); }

constexpr double semitones_to_ratio(double semitones) { return maths::exp2(semitones / 12.0); }

}  // namespace auralis
