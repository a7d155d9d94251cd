// SPDX-License-Identifier: MIT
// The engine alone, as a program for machines that this one is not: interleaved stereo float32 on standard output.
//   engine_render <piece.jsonl >piece.f32        an event stream is rendered
//   engine_render --compose <piece.json >...     a piece, as auralis.h describes it, is composed and rendered
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "engine/auralis.h"

namespace {

std::string read_all() {
  std::string all;
  std::vector<char> bytes(1 << 16);
  while (const size_t count = std::fread(bytes.data(), 1, bytes.size(), stdin))
    all.append(bytes.data(), count);
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  constexpr int block_frames = 4096;
  const bool composes = argc > 1 && std::strcmp(argv[1], "--compose") == 0;
  const std::string input = read_all();
  auralis_engine* engine = composes ? auralis_compose(input.c_str()) : auralis_follow(44100);
  bool good = engine != nullptr;
  if (good && !composes) good = auralis_push(engine, input.data(), static_cast<int>(input.size())) == 0;
  std::vector<float> stereo(2 * block_frames);
  int frames = 0;
  while (good && (frames = auralis_pull(engine, stereo.data(), block_frames)) > 0)
    std::fwrite(stereo.data(), 2 * sizeof(float), static_cast<size_t>(frames), stdout);
  if (!good || frames < 0) std::fprintf(stderr, "engine_render: %s\n", auralis_text());
  auralis_free(engine);
  return good && frames == 0 ? 0 : 3;
}
