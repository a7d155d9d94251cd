// SPDX-License-Identifier: MIT
// Counts every allocation of this program through the C library's own entry points.
#if defined(__GLIBC__) || defined(__linux__)
#include <doctest/doctest.h>

#include <atomic>
#include <cerrno>
#include <cstddef>

#include "synth/renderer.h"

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace {
std::atomic<long> allocations{0};
}

extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* old, size_t size);
void* __libc_memalign(size_t alignment, size_t size);

void* malloc(size_t size) {
  ++allocations;
  return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
  ++allocations;
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

TEST_CASE("Rendering allocates nothing once every layer has sounded, whatever comes and goes") {
  for (int threads : {1, 2}) {
    Renderer renderer({.device = "cpu", .threads = threads, .max_voices = 32});
    renderer.push(StartEvent{});
    uint64_t id = 0;
    std::vector<float> block(2 * 2205);
    long counted = 0;
    double t = 0.0;
    for (int i = 0; i < 200; ++i, t += 0.05) {
      for (const std::string_view layer : layer_names) {
        renderer.push(
            NoteEvent{t, ++id, std::string(layer), 40.0 + static_cast<double>(id % 50), 0.7, 0.4, 0.0});
      }
      renderer.push(ChangeEvent{t, "pad", VoiceParam::cutoff_hz, i % 2 == 0 ? 500.0 : 2000.0, 0.1});
      renderer.push(ChordEvent{t, "Dm", "i", {50.0, 57.0, 62.0, 65.0}});
      renderer.push(AdvanceEvent{t + 0.05});
      const long before = allocations;
      while (renderer.ready_frames() >= 441) renderer.render(441, block.data());
      if (i >= 20) counted += allocations - before;
    }
    CAPTURE(threads);
    CHECK(renderer.figures().voices_stolen > 0);
    CHECK(allocations > 0);  // the counter counts
    CHECK(counted == 0);
  }
}

#endif
#endif
