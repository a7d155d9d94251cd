// SPDX-License-Identifier: MIT
#include "synth/voice/chunk.h"

#include <algorithm>
#include <cstring>

namespace auralis::voice {

Chunk::Chunk(size_t groups)
    : recorded(groups),
      sourced(groups),
      latest(groups),
      records(groups * chunk_quanta),
      steps(groups * chunk_quanta),
      unison(groups * chunk_quanta),
      levels(groups * level_sets),
      source_frames(groups * chunk_quanta * group_lanes),
      outs(groups * chunk_quanta * out_floats) {
  playing.reserve(groups);
  on_device.reserve(groups);
}

std::span<const DeviceSound::Playing> Chunk::for_device() {
  on_device.clear();
  for (const size_t g : playing) {
    const uint32_t quanta_there = recorded[g] & ~sourced[g];
    if (quanta_there == 0) continue;
    on_device.push_back({g, quanta_there, &record(g, 0), &steps[Chunk::at(g, 0)], &unison[Chunk::at(g, 0)],
                         levels_of(g), out(g, 0)});
  }
  return on_device;
}

const StereoQuantum* Chunk::part(size_t group, int quantum, int layer) const {
  if ((recorded[group] >> quantum & 1u) == 0) return nullptr;
  const Record& r = record(group, quantum);
  const int* end = r.layers + r.layer_count;
  const auto at = std::find(r.layers, end, layer) - r.layers;
  if (at == r.layer_count) return nullptr;
  return reinterpret_cast<const StereoQuantum*>(out(group, quantum)) + at;
}

bool Chunk::add_layer(int quantum, int layer, StereoQuantum& sum) const {
  bool sounds = false;
  for (const size_t g : playing) {
    const StereoQuantum* of_group = part(g, quantum, layer);
    if (of_group == nullptr) continue;
    const float* from = (*of_group)[0];
    float* to = sum[0];
    for (int n = 0; n < 2 * quantum_frames; ++n) to[n] += from[n];
    sounds = true;
  }
  return sounds;
}

const StereoQuantum* Chunk::find_layer(int quantum, int layer, StereoQuantum& sum) const {
  const StereoQuantum* found = nullptr;
  for (const size_t g : playing) {
    const StereoQuantum* of_group = part(g, quantum, layer);
    if (of_group == nullptr) continue;
    if (found != nullptr) {
      std::memset(sum, 0, sizeof sum);
      add_layer(quantum, layer, sum);
      return &sum;
    }
    found = of_group;
  }
  return found;
}

void Chunk::reuse() {
  for (const size_t g : playing) recorded[g] = sourced[g] = 0;
  playing.clear();
  quanta = 0;
}

}  // namespace auralis::voice
