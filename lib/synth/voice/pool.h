// SPDX-License-Identifier: MIT
// All voices: who sounds in which lane of which group, who is stolen, and the sound of each layer.
//   use       per quantum: move, begin and release for its events, then advance; after at most chunk_quanta of
//             them end_chunk. Then the chunk sounds, job by job on any threads, and is read layer by layer; the next
//             chunk's control may go on meanwhile, and its sound once this one's is made
//   stealing  a note beyond max_voices takes the place of the quietest voice, released ones first, which fades
//             out in 50 ms beside it; where every lane sounds or fades, or as many notes as there are voices have begun
//             in this quantum, the note is dropped instead, and counted
//   limit     fewer voices than max_voices for a while: the ones too many are shed as stolen ones are, and counted apart
//   memory    all of it is taken at the start, but what voices need that move by themselves, and what unison needs, which the
//             first take_unison or patch with it takes; pages of groups that never sound are never touched
//   copies    go on as the original does
//   sources   a voice whose layer has them at its onset, or is expected to, sounds in a group of such voices, which the
//             processor plays, whatever device plays the others
//   sums      by group and lane in a fixed order: the same bits for any number of threads
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "model/patch.h"
#include "synth/aligned.h"
#include "synth/quantum.h"
#include "synth/source/sources.h"
#include "synth/voice/chunk.h"
#include "synth/voice/kernel.h"
#include "synth/voice/own_motion.h"
#include "synth/voice/patch_params.h"

namespace auralis::voice {

class Pool {
 public:
  Pool(int rate, int max_voices, Isa isa, int64_t first_quantum = 0);

  size_t groups() const { return groups_.size(); }

  // Layers are numbered from 0. A layer must have moved once before a note begins in it.
  void move(int layer, const Patch& patch);
  // The routes by which each voice of the layer moves by itself, sorted by parameter.
  void modulate(int layer, std::span<const modulation::MovingRoute> routes);
  void take_unison();
  // Memory for these sources; and whether the layer's notes from now on have any, even where its patch has none yet.
  void take_sources(uint32_t which);
  void expect_sources(int layer, bool expected);
  // The wave of a layer's own, from the next note on. All that came are kept, and a 65th is not taken.
  void set_wave(int layer, const Spectra& wave);
  void begin(const Note& note, std::string_view layer_name);
  // cut: it fades like a voice that is stolen, even if it was released before.
  void release(uint64_t id, int frame, bool cut = false);
  // The pitch of a sounding note moves to another, setting out and arriving gently.
  void bend(uint64_t id, double pitch, int64_t quanta);
  void limit(int most);
  void advance(Chunk& chunk);
  void end_chunk(Chunk& chunk);

  static int jobs(const Chunk& chunk) { return static_cast<int>(chunk.playing.size()); }
  void sound(Chunk& chunk, int job);
  void sound_sources(Chunk& chunk, int job);  // of a job, what no device plays

  bool sounds(int layer) const { return layers_[static_cast<size_t>(layer)].voices > 0; }
  int voices() const { return voices_; }
  uint64_t stolen() const { return stolen_; }
  uint64_t shed() const { return shed_; }

 private:
  struct Layer {
    PatchRows is;
    RowSet moved;  // since the last quantum
    source::Asked asked{};
    bool expects_sources = false;
    const Spectra::Frames* wave = nullptr;
    int voices = 0;
    std::vector<modulation::MovingRoute> routes;
    int64_t knot_quanta = 1;

    LayerSound sound(bool sourced) const { return {is, routes, sourced}; }
  };
  struct Bend {
    double from = 0.0;
    double span = 0.0;
    int64_t quanta = 0;
    int64_t left = 0;
  };
  struct Lane {
    Note note;
    bool stolen = false;
    bool cut = false;
    bool unison = false;               // it has had several oscillators
    PatchUnison filled{.count = 0.0};  // what its unison's rows are of
    uint64_t order = 0;
    int64_t begun = 0;  // quantum
    const Spectra::Frames* wave = nullptr;
    Bend bend{};
  };
  struct Group {
    Lane lanes[group_lanes];
    float target[level_rows][group_lanes] = {};  // where the levels go
    float end[level_rows][group_lanes] = {};     // where the last quantum left them
    uint32_t active = 0;
    bool ramping = false;
    bool rich = false;     // some lane has had a rich row
    bool changed = false;  // since the last quantum: lanes, or a layer's patch
    int layer_count = 0;
    int layers[group_lanes] = {};
    uint32_t layer_lanes[group_lanes] = {};
    uint32_t equalized = 0;  // whether the quantum before put something into the equaliser
    uint32_t bending = 0;    // lanes
    bool unison = false;     // some lane has had several oscillators
    bool one_sided = true;   // until now
    bool sourced = false;    // all of its voices may have sources
  };
  struct Wave {
    Spectra spectra;
    int64_t unused_since = -1;  // quantum in which nothing was found to play it
  };
  struct Place {
    Group* group;
    int lane;
  };

  size_t index(const Group& group) const { return static_cast<size_t>(&group - groups_.data()); }
  Control& control(const Group& group) { return controls_[index(group)]; }
  Params& params(const Group& group) { return params_[index(group)]; }

  void give_up_waves();
  bool has_sources(const Layer& layer) const;
  Place find_place(int layer, bool sourced);
  Place quietest();
  bool silent_yet(const Place& place);  // it has not sounded so far
  void steal(const Place& victim);
  void fill_params(Group& group, int lane, const RowSet& which = all_rows);
  OwnMotion* motion_of(const Group& group, int lane);
  RowSet set_out(OwnMotion& motion, const Layer& layer, const Envelopes& envelopes, bool fresh, bool sourced);
  void move_own(Group& group);
  void move_bends(Group& group);
  void begin_unison(Group& group, int lane);
  void fill_unison(Group& group, int lane, const OwnMotion* own);
  void fill_levels(Group& group, Chunk& chunk, const Record& record);
  void list_layers(Group& group);
  void fill_sources(Group& group, Chunk& chunk, Record& record, int quantum);
  void play(Chunk& chunk, size_t group, uint32_t quanta);
  void end(Group& group, int lane);
  void release(Group& group, int lane, int frame);

  int rate_;
  int max_voices_;
  int limit_;  // at most max_voices_
  Isa isa_;
  Kernel kernel_;
  std::vector<Group> groups_;
  Aligned<Control> controls_;  // a row for each group
  Aligned<Params> params_;
  Aligned<Levels> settled_;  // as the last chunk left them
  Aligned<Sound> sounds_;
  Aligned<Unison> unisons_;
  source::Sources sources_;
  uint32_t taken_sources_ = 0;
  std::vector<Wave> waves_;
  std::vector<Layer> layers_;
  int voices_ = 0;
  int fading_ = 0;
  uint64_t stolen_ = 0;
  uint64_t shed_ = 0;
  uint64_t begun_ = 0;
  int begun_now_ = 0;               // in this quantum
  std::vector<OwnMotion> motions_;  // [groups][lanes], from when a layer first has routes for them
  int own_layers_ = 0;              // that have some now
  int64_t quantum_;
};

}  // namespace auralis::voice
