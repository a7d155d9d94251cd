// SPDX-License-Identifier: MIT
// What the voices' control leaves of a few quanta for their sound, apart from the pool, so that the next chunk's control may
// go on while this one sounds.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "synth/aligned.h"
#include "synth/device.h"
#include "synth/quantum.h"
#include "synth/source/frame.h"
#include "synth/voice/state.h"

namespace auralis::voice {

inline constexpr int chunk_quanta = 16;  // at most
inline constexpr size_t level_sets = chunk_quanta + 1;
inline constexpr size_t out_floats =
    group_lanes * 2 * quantum_frames;  // every lane may be of a layer of its own

struct Chunk {
  explicit Chunk(size_t groups);

  // Adds what the layer sounds like in a quantum, once the chunk has sounded; false where it is silent.
  bool add_layer(int quantum, int layer, StereoQuantum& sum) const;
  // The same without a sum where one group has all of it; nullptr where it is silent.
  const StereoQuantum* find_layer(int quantum, int layer, StereoQuantum& sum) const;
  // What a device plays in place of Pool::sound(): all but the voices with sources.
  std::span<const DeviceSound::Playing> for_device();
  // Empties it for the next chunk.
  void reuse();

  static size_t at(size_t group, int quantum) { return group * chunk_quanta + static_cast<size_t>(quantum); }
  Record& record(size_t group, int quantum) { return records[at(group, quantum)]; }
  const Record& record(size_t group, int quantum) const { return records[at(group, quantum)]; }
  source::Frame* sources(size_t group, int quantum) {
    return &source_frames[at(group, quantum) * group_lanes];
  }
  float* out(size_t group, int quantum) { return &outs[at(group, quantum) * out_floats]; }
  const float* out(size_t group, int quantum) const { return &outs[at(group, quantum) * out_floats]; }
  Levels* levels_of(size_t group) { return &levels[group * level_sets]; }

  // What a group has of a layer in a quantum, or nullptr.
  const StereoQuantum* part(size_t group, int quantum, int layer) const;

  int quanta = 0;
  std::vector<size_t> playing;     // groups, in order once the chunk's control is over
  std::vector<uint32_t> recorded;  // by group: a bit for each quantum
  std::vector<uint32_t> sourced;   // by group: those of them in which it has sources
  std::vector<int> latest;         // by group: of its sets of levels; 0 is what the last chunk left
  Scratch<Record> records;         // [groups][chunk_quanta]
  Scratch<Steps> steps;
  Scratch<UnisonRecord> unison;          // of the records with unison
  Scratch<Levels> levels;                // [groups][level_sets]
  Scratch<source::Frame> source_frames;  // [groups][chunk_quanta][lanes], of the records with sources
  Scratch<float> outs;                   // [groups][chunk_quanta][group_lanes][left, right][frame]
  std::vector<DeviceSound::Playing> on_device;
};

}  // namespace auralis::voice
