// SPDX-License-Identifier: MIT
// The CUDA device's part: a thread for each lane, the arithmetic of voice_impl.h. All pointers are the device's,
// stream is a cudaStream_t, and the answer a cudaError_t; nothing here waits.
//   play_records   what a pool recorded: groups in turn, each lane its frames, then the sum of each layer's lanes in
//                  the order of the processor, so that the bits are the same
//   play_notes     whole notes from their patches, each in its own time from its first quantum on
//   mix_notes      adds what they played to the outputs, in order, so that the sum is the same every time
#pragma once

#include <cstdint>

#include "synth/voice/state.h"

namespace auralis::voice::cuda {

struct Records {
  const Record* records;       // [groups][chunk]
  const Steps* steps;          // [groups][chunk], of the records with any_per_frame
  const UnisonRecord* unison;  // [groups][chunk], of the records with unison
  const Levels* levels;        // [groups][level_sets], as the records number them
  const uint32_t* recorded;    // [groups], a bit for each quantum
  const int32_t* places;       // [groups], where each group's sound state lies
  Sound* sounds;               // [places]
  float* frames;               // [quanta][groups][lane][left, right][frame], scratch
  float* out;                  // [groups][quanta][slots][left, right][frame]
  int groups, chunk, level_sets, quanta, slots;
};
int play_records(const Records& records, void* stream);

// A patch from a quantum on.
struct Move {
  int64_t quantum;
  PatchParams params;
  PatchLevels levels;
  PatchTouch touch;
  PatchUnison unison;
};

struct NoteLane {
  int64_t quantum;              // of its onset
  int32_t quanta;               // until it has ended at the latest; when it ends, until then
  int32_t next_move, end_move;  // of its track
  uint32_t equalized;           // what the quantum before put into the equaliser
  bool changed;                 // its levels must step
  bool modulated;
  bool unison;  // it has had several oscillators
  double pitch, vel, pan;
};

struct NoteLevels {
  Fast target[level_rows], end[level_rows];
};

struct Notes {
  const Move* moves;
  NoteLane* lanes;    // [count]
  Control* controls;  // [groups] and so on
  Params* params;
  Record* records;
  Steps* steps;
  Unison* unisons;
  UnisonRecord* unison_records;
  Levels* levels;
  NoteLevels* note_levels;
  Sound* sounds;
  float* frames;  // [span][count][left, right][frame]
  int count;
  int first, span;  // quanta of each note's own time that this call plays
};
int play_notes(const Notes& notes, void* stream);

struct NoteMix {
  const int32_t* begin;  // [outputs + 1], into lanes
  const int32_t* lanes;  // by output
  float* out;            // [outputs][left, right][quanta · 64]
  int outputs;
  int64_t quanta;
};
int mix_notes(const Notes& notes, const NoteMix& mix, void* stream);

}  // namespace auralis::voice::cuda
