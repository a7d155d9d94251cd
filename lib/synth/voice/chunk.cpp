// SPDX-License-Identifier: MIT
#include "synth/voice/chunk.h"

#include <algorithm>

namespace auralis::voice {

Chunk::Chunk(size_t groups)
    : recorded(groups),
      latest(groups),
      records(groups * chunk_quanta),
      steps(groups * chunk_quanta),
      levels(groups * level_sets),
      outs(groups * chunk_quanta * out_floats) {
  playing.reserve(groups);
  on_device.reserve(groups);
}

std::span<const DeviceSound::Playing> Chunk::for_device() {
  on_device.clear();
  for (const size_t g : playing) {
    on_device.push_back({g, recorded[g], &record(g, 0), &steps[Chunk::at(g, 0)], levels_of(g), out(g, 0)});
  }
  return on_device;
}

bool Chunk::add_layer(int quantum, int layer, StereoQuantum& sum) const {
  bool sounds = false;
  for (const size_t g : playing) {
    if ((recorded[g] >> quantum & 1u) == 0) continue;
    const Record& r = record(g, quantum);
    const int* end = r.layers + r.layer_count;
    const auto at = std::find(r.layers, end, layer) - r.layers;
    if (at == r.layer_count) continue;
    const float* from = out(g, quantum) + at * 2 * quantum_frames;
    float* to = &sum[0][0];
    for (int n = 0; n < 2 * quantum_frames; ++n) to[n] += from[n];
    sounds = true;
  }
  return sounds;
}

void Chunk::reuse() {
  for (const size_t g : playing) recorded[g] = 0;
  playing.clear();
  quanta = 0;
}

}  // namespace auralis::voice
