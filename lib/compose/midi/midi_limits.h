// SPDX-License-Identifier: MIT
// How much of a MIDI file is taken, beside model/limits.h, whose `layers` are those of a stream made of it, too: what goes
// beyond is refused before it costs time or memory. auralis-render(1) and auralis-compose(1) document it.
#pragma once

#include <cstddef>

namespace auralis {

inline constexpr size_t most_midi_bytes = size_t{32} << 20;
inline constexpr size_t most_midi_notes = 1'000'000;
inline constexpr size_t most_midi_retunings = 10'000;  // that move what sounds; later ones tune what begins
inline constexpr size_t most_midi_bars = 20'000;       // where chords are found in its bars
inline constexpr double longest_midi_s = 7.0 * 86400.0;
inline constexpr int most_midi_ports = 16;          // channels of those beyond are channels of the last
inline constexpr double longest_silent_end_s = 10;  // of what a file has behind its last note
// Of all silences of a minute and more that begin behind a fault, together: there they are numbers that were not meant.
inline constexpr double longest_silence_behind_fault_s = 600;
inline constexpr double least_silence_s = 60;

}  // namespace auralis
