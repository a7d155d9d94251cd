// SPDX-License-Identifier: MIT
// Chunks of a few quanta on their way from the events to the sound, step by step along a line of workers: events, the
// effects' control, voices, mix, each layer alone, each send, limiter.
//   make      so many quanta more; each chunk's sound is appended to what is made, and reported, in this thread
//   copies    none: what is remembered from chunk to chunk is the state's, and between two calls no chunk is under way
//   errors    what a step or the caller throws ends it; the state is of no use then
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "synth/profile.h"
#include "synth/renderer_state.h"
#include "synth/workers.h"

namespace auralis {

class ChunkLine final : Line {
 public:
  using Made = std::function<void()>;

  // Both outlive this.
  ChunkLine(const RenderSettings& settings, RendererState& state);
  ~ChunkLine();

  // At most most_quanta() at a time, so that the caller is not kept waiting.
  void make(int64_t quanta, const Made& made);
  int64_t most_quanta() const;
  // By layer, as of the chunk that was last made; none without stems.
  const std::vector<Stem*>& stems() const { return stems_; }
  // None without settings.profile_clock.
  std::vector<StageTime> stage_times() const {
    return profile_ ? profile_->times() : std::vector<StageTime>();
  }

 private:
  struct UnderWay;

  std::vector<Workers::Step> steps() const;
  void work(int step, int64_t item) override;
  // In its stage, where that is measured.
  template <typename Work>
  void in_stage(size_t stage, const Work& work) {
    if (profile_) {
      profile_->time(stage, work);
    } else {
      work();
    }
  }
  UnderWay& at(int64_t item) { return *under_way_[static_cast<size_t>(item) % under_way_.size()]; }
  voice::Chunk& voices_at(int64_t item) { return voices_[static_cast<size_t>(item) % voices_.size()]; }

  void plan(UnderWay& chunk, int64_t item);
  void list_stems(UnderWay& chunk, size_t layers);
  void advance_control(UnderWay& chunk);
  void sound(UnderWay& chunk, int lane);
  void mix(UnderWay& chunk) const;
  void add_layer(const UnderWay& chunk, int quantum, size_t layer, Buses& buses) const;
  void make_stems(UnderWay& chunk, size_t lane) const;
  void send(UnderWay& chunk, int which);
  void limit(UnderWay& chunk);
  void hand_on(UnderWay& chunk);

  const RenderSettings& settings_;
  RendererState& state_;
  std::unique_ptr<voice::DeviceSound> device_sound_;
  // Groups of voices and layers of stems are dealt out to so many steps side by side.
  int sound_lanes_;
  int stem_lanes_;
  std::vector<std::unique_ptr<UnderWay>> under_way_;
  std::vector<voice::Chunk> voices_;

  int64_t next_item_ = 0;
  int64_t first_item_ = 0;  // of those that are being made
  int64_t wanted_quanta_ = 0;
  int64_t chunk_quanta_ = 0;
  const Made* made_ = nullptr;
  std::vector<Stem*> stems_;

  std::unique_ptr<Profile> profile_;

  Workers workers_;  // last: their threads use all of the above
};

}  // namespace auralis
