// SPDX-License-Identifier: MIT
// What leaves when: cuts the frames of a ring into chunks on an absolute clock, bridges what is missing.
//   clock      the chunk at `position` is due at start + position / rate on the monotonic clock: no drift.
//              It starts `margin` after the first whole chunk was there. A machine that slept shifts the
//              clock, and is counted.
//   late       a chunk whose frames are not there yet may still leave up to `grace` after it was due
//   stall      after that the sound goes on as its own mirror image, faded to silence; silence is sent in
//              chunks until frames come again, which fade in. Both ends are flagged; the stall is counted.
//   backlog    where a live source has caught up in a burst and then keeps time, 40 ms or half a chunk beyond
//              `margin`, whichever is less, would be latency for ever: it is skipped with a crossfade, flagged
//              and counted. A source that fills the ring is one that waits for us (a file, an unpaced pipe): it
//              is never skipped.
//   spare      where one stall came another may: for a minute a chunk's length of what the source made up for it is
//              kept, and the next one, up to 200 ms with chunks of 100, goes unheard. Not with chunks below 50 ms,
//              which are asked for to keep latency short
//   source     odd reflection keeps value and slope at the cut: J. O. Smith, Spectral Audio Signal Processing
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "audio/frame_ring.h"

namespace auralis {

struct Chunk {
  std::vector<float> samples;  // interleaved
  int64_t frames = 0;
  int64_t position = 0;  // frames since the stream began
  int64_t due_us = 0;    // monotonic clock
  bool discontinuity = false;
};

struct PlayoutSettings {
  int rate = 44100;
  int chunk_ms = 100;
  int margin_ms = 20;
  int grace_ms = 100;
  int fade_ms = 20;
  int ending_ms = 1800;
  bool skip_backlog = true;
};

class Playout {
 public:
  Playout(FrameRing& ring, const PlayoutSettings& settings);

  // The next chunk if it should leave now. `ended`: no more frames will come. `source_waited`: any number
  // that changes when the source found the ring full.
  std::optional<Chunk> next(int64_t now_us, bool ended, uint64_t source_waited = 0);
  // From here on it fades to silence, and then is finished; a fade that runs goes on.
  void end() {
    if (!ending_left_) ending_left_ = static_cast<double>(ending_frames_);
  }
  // When to call next() again if no frames come before.
  int64_t wake_us() const { return wake_us_; }
  // It would go on sooner, with this many frames there; 0 where it waits for the time alone.
  int64_t awaited_frames() const { return awaited_frames_; }
  int64_t chunk_frames() const { return chunk_frames_; }
  // All frames were handed out and `ended` was seen, or it has faded away.
  bool finished() const { return finished_; }
  // At this frame of the input another take begins: it is joined with a crossfade and flagged; positions go on.
  void cut_at(int64_t input_frame) { cuts_.push_back(input_frame); }

  bool started() const { return started_; }
  bool stalled() const { return stalled_; }
  int64_t position() const { return position_; }
  // The position at which a frame of the input is (or was) heard, if nothing happens in between.
  int64_t position_of(int64_t input_frame) const { return position_ + (input_frame - ring_.taken()); }

  uint64_t underruns() const { return underruns_; }
  uint64_t clock_shifts() const { return clock_shifts_; }
  int64_t skipped_frames() const { return skipped_frames_; }

 private:
  int64_t due_us() const;
  bool start(int64_t now_us, bool ended, int64_t there);
  // When the next chunk is due, on a clock that was shifted where the machine slept.
  int64_t shifted_due_us(int64_t now_us);
  void begin_stall(Chunk& chunk, int64_t there, int64_t now_us);
  void skip_backlog(int64_t now_us, uint64_t source_waited);
  // The first frames of a chunk, joined where cuts fall; true where one did.
  bool take(std::vector<float>& samples, int64_t frames);
  // At frame `at`, what came before ends faded (as its mirror image) under what is there, which fades in.
  void join(std::vector<float>& samples, int64_t at, bool fade_in);
  void remember_tail(const std::vector<float>& samples);
  void fade_away(Chunk& chunk, bool ended);

  FrameRing& ring_;
  PlayoutSettings settings_;
  size_t channels_;
  int64_t chunk_frames_;
  int64_t fade_frames_;
  int64_t margin_frames_;
  int64_t ending_frames_;
  std::optional<double> ending_left_;  // frames of the fade

  bool started_ = false;
  bool stalled_ = false;
  bool finished_ = false;
  int64_t start_us_ = 0;
  int64_t wake_us_ = 0;
  int64_t awaited_frames_ = 0;
  int64_t position_ = 0;
  int64_t spare_until_us_ = 0;
  std::vector<int64_t> cuts_;
  std::vector<float> tail_;  // the last fade_frames_ + 1 frames that left

  // The least and first number of frames left over after a chunk, in the window now observed.
  int64_t window_chunks_ = 0;
  int64_t window_min_ = 0;
  int64_t window_first_ = 0;
  uint64_t window_waited_ = 0;

  uint64_t underruns_ = 0;
  uint64_t clock_shifts_ = 0;
  int64_t skipped_frames_ = 0;
};

}  // namespace auralis
