// SPDX-License-Identifier: MIT
// A cycle made of partials, read by four at once: what choirs and waves have in common.
//   partials   amplitudes by number, worked out anew every 64 quanta; in between the cycle goes to the new ones in straight
//              lines, quantum by quantum, its partials' phases being the same. Each set is as loud as the others
//   four       each a little off the note, drawn by the key, and strays slowly by itself; at 0 cents they are one
//   fold       partials stay below 0.45 of the rate; the cycle has eight frames for each of them, as few as four at pitches
//              below 90 Hz, and is read by a cubic, whose images are 60 dB below the sound
//   source     Cooley & Tukey's transform, radix 2, as in Van Loan, Computational Frameworks for the FFT, 1992
#pragma once

#include "synth/source/frame.h"

namespace auralis::source {

struct Table {
  static constexpr int longest = 2048;
  static constexpr int readers = 4;
  static constexpr int most_partials = longest / 4;
  static constexpr int renewed_quanta = 64;
  static constexpr int stray_quanta = 16;  // in straight lines of as many
  static constexpr float loudness = 0.3F;  // rms of one reader's cycle

  struct State {
    float cycle[longest + 3];  // the first three again at its end
    float step[longest];
    double phase[readers];  // cycles
    double increment[readers];
    double off[readers], off_step[readers];  // from the note, as shares of the cents; a quantum's step
    int length;                              // 0: nothing made yet
    bool moves;
    float made_for[4];  // what the partials hang on
  };
};

// Amplitudes of the partials 1 … count, in place.
using Partials = float[Table::most_partials + 1];

// What chance says: where partial k stands in its cycle, in half cycles; where a reader begins, in cycles, from one cent on;
// and how far it is off the note so many frames after the quantum's start, as a share of the cents.
double partial_phase(int k);
double first_phase(const Frame& frame, int reader);
double off_at(const Frame& frame, int reader, int64_t ahead);

void begin(Table::State& state, const Frame& frame, float cents);

// Whether partials are wanted anew in this quantum, and how many fit.
bool renews(const Table::State& state, const Frame& frame);
int fitting_partials(const Table::State& state, const Frame& frame);
void renew(Table::State& state, Partials& partials, int count);

// Adds what the four read.
void read(Table::State& state, const Frame& frame, float cents, Level level, Mono& out);

}  // namespace auralis::source
