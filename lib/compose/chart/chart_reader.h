// SPDX-License-Identifier: MIT
// Harmony from outside: a chord chart or a MIDI file, for `auralis-compose --harmony FILE`.
//   chart    chord symbols in bars ("| Dm9 | G7sus4 |") or one a line with its length ("Dm9 40s"); auralis-compose(1)
//   MIDI     markers that are chord symbols, else the chord that fits each bar's notes best
//   errors   Error{bad_input, "FILE:LINE: what, expected what"}, for MIDI "FILE: byte N: ..."
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compose/theory/chord.h"

namespace auralis {

// Degrees and numerals are counted in scale. name stands for FILE in messages.
std::vector<ChartChord> parse_chord_chart(std::string_view text, const std::string& name, const Scale& scale);
std::vector<ChartChord> harmony_from_midi(std::string_view bytes, const std::string& name,
                                          const Scale& scale);

// A file of either kind, told apart by content.
std::vector<ChartChord> read_harmony(const std::string& path, const Scale& scale);

}  // namespace auralis
