// SPDX-License-Identifier: MIT
// Conversions between the units people set and the units code computes in.
#pragma once

#include <cmath>

namespace auralis {

// Levels at and below this are silence: the gain is exactly 0.
inline constexpr double silence_db = -60.0;

inline double db_to_gain(double db) { return std::pow(10.0, db / 20.0); }
inline double gain_to_db(double gain) { return 20.0 * std::log10(gain); }
inline double fader_to_gain(double db) { return db <= silence_db ? 0.0 : db_to_gain(db); }

// Equal temperament, A4 = MIDI 69 = 440 Hz; pitch may be fractional.
inline double midi_to_hz(double pitch) { return 440.0 * std::exp2((pitch - 69.0) / 12.0); }
inline double hz_to_midi(double hz) { return 69.0 + 12.0 * std::log2(hz / 440.0); }

inline double semitones_to_ratio(double semitones) { return std::exp2(semitones / 12.0); }
inline double cents_to_ratio(double cents) { return std::exp2(cents / 1200.0); }

}  // namespace auralis
