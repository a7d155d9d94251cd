// SPDX-License-Identifier: MIT
// Events in, sound out: voices, a mixer, the master effects, the limiter.
//   push      in stream order; a note's onset is frame llround(t·rate), exactly
//   render    interleaved stereo float32, true peak within the master's ceiling; frame n is time n/rate
//   promise   every event's t says that nothing earlier follows; ready_frames() is what that allows, less the
//             limiter's look-ahead; after `end` everything up to the end
//   same      the same events give the same bits for any sizes of blocks, any threads, any instruction set
//   limit     for who must keep real time: at most so many voices from now on, up to settings.max_voices; the quietest of
//             those too many fade out in 50 ms. Never called, it changes nothing
//   copies    go on from where the original is, with the same bytes: a snapshot to come back to, or another ending
//   events    none is pushed and no limit set while a block is being taken
//   end       the last 256 frames fade, since a piece may end while something sounds
//   errors    Error{usage} for a bad rate; Error{environment} where the processor or the device has too little memory, or
//             the device fails, at the start or while it renders: the renderer is of no use then
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "model/event.h"
#include "synth/device.h"
#include "synth/isa.h"

namespace auralis {

struct RenderSettings {
  int rate = 44100;
  // The first that is made and handed out, rounded down to a quantum's first.
  int64_t first_frame = 0;
  std::shared_ptr<const Device> device = nullptr;  // none: the processor
  int threads = 1;
  int max_voices = 256;
  bool stems = false;
  double (*profile_clock)() = nullptr;  // in seconds; with it stage_times() are measured
  Isa isa = best_isa();
};

// Seconds of a stage, all threads together: "voices", "reverb", …
struct StageTime {
  const char* name;
  double seconds;
  bool is_effect;
};

class Renderer {
 public:
  explicit Renderer(const RenderSettings& settings);
  Renderer(const Renderer& other);  // without a device
  Renderer(Renderer&&) noexcept;
  Renderer& operator=(Renderer&&) noexcept;
  ~Renderer();

  void push(const Event& event);
  int64_t ready_frames() const;
  void render(int64_t frames, float* stereo);  // frames ≤ ready_frames()
  // The same in blocks of so many frames, the last shorter. Each is given to `take` in this thread, once, while the other
  // threads go on with what follows; where that answers false, nothing more is handed out. Answers how many frames were.
  using Take = std::function<bool(std::span<const float> stereo)>;
  int64_t render(int64_t frames, int64_t block, const Take& take);
  void limit_voices(int most);
  bool finished() const;  // `end` was pushed and every frame was handed out

  const std::vector<std::string>& layers() const;  // in order of first appearance

  // With settings.stems: a layer's part of the frames last rendered, or of the block that is being taken, before
  // tape, dynamics and limiter; the stems sum to the mix. A layer that appears later was silent before.
  const float* stem(size_t layer) const;

  struct Figures {
    int voices = 0;
    int peak_voices = 0;
    uint64_t voices_stolen = 0;
    uint64_t voices_shed = 0;  // for the limit's sake
    uint64_t events = 0;
    uint64_t late_events = 0;
  };
  Figures figures() const;
  std::string device_name() const;
  // In the order in which sound goes through them, those of a device only where there is one, since the start; empty without settings.profile_clock. From any thread.
  std::vector<StageTime> stage_times() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace auralis
