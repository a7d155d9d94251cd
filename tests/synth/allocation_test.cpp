// SPDX-License-Identifier: MIT
// Counts every allocation of this program through the C library's own entry points.
#if defined(__GLIBC__) || defined(__linux__)
#include <doctest/doctest.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <string>

#include "base/error.h"
#include "model/layer.h"
#include "synth/renderer.h"

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace {
std::atomic<long> allocations{0};
std::atomic<bool> memory_is_short{false};

// Counts; false where so much is refused.
bool grant(size_t bytes) {
  ++allocations;
  return !memory_is_short || bytes < 65536;
}
}  // namespace

extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* old, size_t size);
void* __libc_memalign(size_t alignment, size_t size);

void* malloc(size_t size) {
  if (!grant(size)) return nullptr;
  return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
  if (!grant(count * size)) return nullptr;
  return __libc_calloc(count, size);
}
void* realloc(void* old, size_t size) {
  ++allocations;
  return __libc_realloc(old, size);
}
void* aligned_alloc(size_t alignment, size_t size) {
  ++allocations;
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** out, size_t alignment, size_t size) {
  ++allocations;
  *out = __libc_memalign(alignment, size);
  return *out == nullptr ? ENOMEM : 0;
}
}

using namespace auralis;

namespace {

// A twentieth of a second with a bit of everything: notes of every layer, some cut short, some stolen; parameters of
// layers and of every effect on their way; new patches under sounding notes; a chord for the resonators.
void push_busy_step(Renderer& renderer, int step, double t, uint64_t& id) {
  for (const std::string_view layer : layer_names()) {
    ++id;
    renderer.push(NoteEvent{t, id, std::string(layer), 40.0 + static_cast<double>(id % 50), 0.7, 0.4, 0.0});
    if (id % 3 == 0) renderer.push(ReleaseEvent{t, id - 2});
  }
  const auto i = static_cast<size_t>(step);
  const auto voice = static_cast<VoiceParam>(i % voice_param_count);
  const ParamInfo& layer_info = voice_params[i % voice_param_count];
  renderer.push(ChangeEvent{t, "pad", voice, step % 2 == 0 ? layer_info.min : layer_info.max, 0.1});
  const auto master = static_cast<MasterParam>(i % master_param_count);
  const ParamInfo& master_info = master_params[i % master_param_count];
  renderer.push(ChangeEvent{t, "master", master, step % 2 == 0 ? master_info.min : master_info.max, 0.1});
  if (step % 7 == 0) {
    Patch patch = builtin_patch(layer_names()[i % layer_names().size()]);
    patch[VoiceParam::cloud_send] = patch[VoiceParam::resonator_send] = patch[VoiceParam::chorus_send] = 0.5F;
    // Other routes each time; of the layer, and of each voice's own.
    const Modulation routes{{VoiceParam::cutoff_hz, Source::walk, 1.0, 1.0 + step, false},
                            {VoiceParam::pan, Source::pink, 0.5, 1.0 + step, true},
                            {VoiceParam::osc1_shape, Source::amp_env, 0.5, 0.0, false}};
    renderer.push(PatchEvent{t, std::string(layer_names()[i % layer_names().size()]), patch, routes});
  }
  if (step % 50 == 0) {
    MasterPatch everything = default_master_patch();
    for (const auto p : {MasterParam::cloud_level, MasterParam::resonator_level, MasterParam::shimmer})
      everything[p] = 0.5F;
    renderer.push(PatchEvent{t, "master", everything});
  }
  if (step % 3 == 0) {
    ChordEvent chord{t, "Dm", "i", {}};
    for (int pitch = 0; pitch < step % 25; ++pitch) chord.pitches.push_back(48.0 + pitch);  // more and more
    renderer.push(chord);
  }
  renderer.push(AdvanceEvent{t + 0.05});
}

}  // namespace

TEST_CASE("Rendering allocates nothing once every layer has sounded and moved, whatever comes and goes") {
  for (const bool stems : {false, true}) {
    for (const int threads : {1, 2}) {
      Renderer renderer({.threads = threads, .max_voices = 32, .stems = stems});
      renderer.push(StartEvent{});
      uint64_t id = 0;
      std::vector<float> block(2 * 2205);
      long counted = 0;
      double t = 0.0;
      for (int step = 0; step < 200; ++step, t += 0.05) {
        push_busy_step(renderer, step, t, id);
        const long before = allocations;
        while (renderer.ready_frames() >= 441) renderer.render(441, block.data());
        if (step >= 60) counted += allocations - before;
      }
      CAPTURE(stems);
      CAPTURE(threads);
      CHECK(renderer.figures().voices_stolen > 0);
      CHECK(renderer.figures().late_events == 0);
      CHECK(allocations > 0);  // the counter counts
      CHECK(counted == 0);
    }
  }
}

TEST_CASE("A renderer that finds too little memory at its start says so in one line") {
  std::string said;
  memory_is_short = true;
  try {
    Renderer renderer{RenderSettings{}};
  } catch (const Error& error) {
    said = error.what();
    CHECK(error.exit == Exit::environment);
  }
  memory_is_short = false;
  CHECK(said == "device cpu has too little memory free (while starting); free some of it");
}

#endif
#endif
