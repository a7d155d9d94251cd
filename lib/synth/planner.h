// SPDX-License-Identifier: MIT
// Events in, what each quantum asks of voices, mixer and effects out: notes begin and end, layers and master glide.
//   push    in stream order; an event takes effect at its frame, or at once where that is past
//   plan    quantum after quantum; the voices' part goes to the chunk
//   copies  go on as the original does
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "model/event.h"
#include "synth/ducking.h"
#include "synth/glide.h"
#include "synth/mixer.h"
#include "synth/modulation/routes.h"
#include "synth/voice/pool.h"

namespace auralis {

// The frame of a time in seconds, however far.
int64_t frame_of(double t_s, int rate);

// What the events ask of one quantum.
struct QuantumPlan {
  std::vector<Fader> faders;  // by layer
  MasterPatch master;
  bool tuned = false;           // the resonators, to
  std::vector<double> pitches;  // MIDI numbers
};

class Planner {
 public:
  Planner(int rate, int max_voices, Isa isa, int64_t first_quantum = 0);

  void push(const Event& event);
  void plan(QuantumPlan& plan, voice::Chunk& chunk);

  int64_t planned() const { return planned_; }  // quanta, those before the first among them
  int64_t first() const { return first_; }
  bool begun() const { return planned_ > first_; }
  const std::vector<std::string>& layers() const { return names_; }
  int peak_voices() const { return peak_voices_; }
  voice::Pool& pool() { return pool_; }
  const voice::Pool& pool() const { return pool_; }

 private:
  struct Strip {
    Strip(const Patch& patch, modulation::LayerRoutes&& begun)
        : glide(voice_params, patch), fader(patch), routes(std::move(begun)) {}

    PatchGlide glide;
    Fader fader;
    bool hits = false;  // its notes push down the layers that have duck_db
    modulation::LayerRoutes routes;
  };

  int64_t quanta_of(double glide_s, double least_s) const;
  size_t layer_of(const std::string& name);
  void settle(size_t layer);
  void move(size_t layer, bool ducking);

  void apply(PatchEvent& event, int frame);
  void apply(ChangeEvent& event, int frame);
  void apply(NoteEvent& event, int frame);
  void apply(BendEvent& event, int frame);
  void apply(ReleaseEvent& event, int frame);
  void apply(ChordEvent& event, int frame);
  void apply(StartEvent& event, int frame);
  void apply(ControlEvent&, int) {}
  void apply(AdvanceEvent&, int) {}
  void apply(EndEvent&, int) {}

  int rate_;
  uint64_t seed_ = 0;
  voice::Pool pool_;
  MasterGlide master_;
  Ducking ducking_;
  std::deque<Event> pending_;
  std::vector<std::string> names_;
  std::vector<Strip> strips_;
  std::vector<double> pitches_;
  bool tuned_ = false;
  int64_t first_;
  int64_t planned_;
  int peak_voices_ = 0;
};

}  // namespace auralis
