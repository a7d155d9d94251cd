// SPDX-License-Identifier: MIT
// The engine alone: an event stream on standard input, interleaved float32 PCM on standard output. For machines that are
// not this one: it is compiled for them from lib/base, lib/model and lib/synth, with nothing else but nlohmann-json.
//   engine_render [RATE]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <vector>

#include "base/error.h"
#include "model/event_stream.h"
#include "synth/renderer.h"

namespace {

using namespace auralis;

constexpr int64_t block_frames = 4096;

void render(int rate) {
  Renderer renderer({.rate = rate, .isa = Isa::baseline});
  EventReader reader("-");
  const auto push = [&](Event&& event) { renderer.push(event); };
  std::vector<char> bytes(1 << 16);
  std::vector<float> block(2 * block_frames);
  const auto hand_out = [&] {
    while (const int64_t ready = std::min(block_frames, renderer.ready_frames())) {
      renderer.render(ready, block.data());
      std::fwrite(block.data(), 2 * sizeof(float), static_cast<size_t>(ready), stdout);
    }
  };
  while (const size_t got = std::fread(bytes.data(), 1, bytes.size(), stdin)) {
    reader.feed({bytes.data(), got}, push);
    hand_out();
  }
  reader.finish(push);
  hand_out();
}

}  // namespace

int main(int argc, char** argv) {
  try {
    render(argc > 1 ? std::atoi(argv[1]) : 44100);
    return 0;
  } catch (const Error& error) {
    std::fprintf(stderr, "engine_render: %s\n", error.what());
    return static_cast<int>(error.exit);
  }
}
