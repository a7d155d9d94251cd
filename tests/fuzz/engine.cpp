// SPDX-License-Identifier: MIT
// The engine through its C interface. The first line is a piece, as auralis_compose takes it, the others are controls;
// where the first is none, all of it is pushed into an engine that follows.
#include "engine/auralis.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <string>

#include "fuzz/harness/target.h"

namespace auralis {
namespace {

constexpr int frames_at_once = 512;
constexpr int most_controls = 8;

struct Freed {
  void operator()(auralis_engine* engine) const { auralis_free(engine); }
};
using EnginePtr = std::unique_ptr<auralis_engine, Freed>;

void pull(const EnginePtr& engine, int times) {
  std::array<float, 2 * frames_at_once> stereo;
  for (int i = 0; i < times; ++i) {
    const int frames = auralis_pull(engine.get(), stereo.data(), frames_at_once);
    AURALIS_CLAIM(frames >= 0 && frames <= frames_at_once);
    AURALIS_CLAIM(std::all_of(stereo.begin(), stereo.begin() + 2 * frames,
                              [](float sample) { return std::abs(sample) <= 1.0f; }));
    if (frames == 0) return;
  }
}

}  // namespace

AURALIS_FUZZ_TARGET(engine) {
  std::string_view rest = bytes;
  const std::string piece(rest.substr(0, rest.find('\n')));
  rest.remove_prefix(std::min(rest.size(), piece.size() + 1));
  if (const EnginePtr engine(auralis_compose(piece.c_str())); engine) {
    pull(engine, 1);
    for (int i = 0; i < most_controls && !rest.empty(); ++i) {
      const std::string control(rest.substr(0, rest.find('\n')));
      rest.remove_prefix(std::min(rest.size(), control.size() + 1));
      auralis_control(engine.get(), control.c_str());
      pull(engine, 1);
    }
    AURALIS_CLAIM(auralis_state(engine.get()) > 0);
    AURALIS_CLAIM(auralis_finish(engine.get()) >= 0.0);
    pull(engine, 1);
    return;
  }
  AURALIS_CLAIM(auralis_text_size() > 5);
  const EnginePtr engine(auralis_follow(44100));
  auralis_push(engine.get(), bytes.data(), static_cast<int>(bytes.size()));
  pull(engine, 8);
}

}  // namespace auralis
