// SPDX-License-Identifier: MIT
// What is taken of texts from outside, event streams, controls and control logs alike, checked before anything is made for
// it: a few bytes must not ask for hours of work or gigabytes of memory. auralis-events(5), auralis-compose(1) and
// auralis-render(1) document it.
#pragma once

#include <cstddef>

namespace auralis::limits {

inline constexpr int json_depth = 64;                    // brackets in brackets
inline constexpr size_t line_bytes = 1 << 20;            // of an event
inline constexpr size_t layers = 64;                     // of a stream, also one made of a MIDI file
inline constexpr size_t routes = 16;                     // of modulation, in a layer
inline constexpr size_t unknown_types = 32;              // of a stream's lines, that are warned of one by one
inline constexpr double piece_s = 1e8;                   // three years
inline constexpr double silence_s = 24 * 3600.0;         // from one line's time to the next
inline constexpr size_t log_bytes = size_t{64} << 20;    // of a control log
inline constexpr size_t preset_bytes = size_t{1} << 20;  // of a preset, and of a table of harmony
inline constexpr size_t harmony_bytes = size_t{16} << 20;  // of chords: a chart, or a MIDI file

}  // namespace auralis::limits
