// SPDX-License-Identifier: MIT
// The sound of a pool's groups, and what their sources are asked for and make.
#include <algorithm>
#include <bit>
#include <cstring>

#include "synth/simd/functions.h"
#include "synth/voice/pool.h"

namespace auralis::voice {
namespace {

constexpr double two32 = 4294967296.0;
constexpr size_t many_waves = 64;  // from so many on, those that nothing plays are given up

}  // namespace

void Pool::take_sources(uint32_t which) {
  if ((which & ~taken_sources_) == 0) return;
  taken_sources_ |= which;
  sources_.take(which, groups_.size() * group_lanes);
}

void Pool::expect_sources(int layer, bool expected) {
  layers_[static_cast<size_t>(layer)].expects_sources = expected;
}

void Pool::set_wave(int layer, const Spectra& wave) {
  const Spectra::Frames*& of_layer = layers_[static_cast<size_t>(layer)].wave;
  of_layer = nullptr;
  if (wave.frames == nullptr) return;
  auto held = std::find_if(waves_.begin(), waves_.end(), [&](const Wave& of) { return of.spectra == wave; });
  if (held == waves_.end()) {
    if (waves_.size() >= many_waves) give_up_waves();
    held = waves_.insert(waves_.end(), {wave});
  }
  held->unused_since = -1;
  of_layer = held->spectra.frames.get();
}

// What is unused may still be read in the chunk that sounds meanwhile: it goes two chunks later.
void Pool::give_up_waves() {
  const auto is_used = [this](const Spectra::Frames* frames) {
    const auto has = [frames](const auto& of) { return of.wave == frames; };
    if (std::any_of(layers_.begin(), layers_.end(), has)) return true;
    return std::any_of(groups_.begin(), groups_.end(), [&](const Group& group) {
      for (uint32_t left = group.active; left != 0; left &= left - 1) {
        if (has(group.lanes[std::countr_zero(left)])) return true;
      }
      return false;
    });
  };
  for (Wave& wave : waves_) {
    if (is_used(wave.spectra.frames.get())) {
      wave.unused_since = -1;
    } else if (wave.unused_since < 0) {
      wave.unused_since = quantum_;
    }
  }
  std::erase_if(waves_, [this](const Wave& wave) {
    return wave.unused_since >= 0 && quantum_ - wave.unused_since > 2 * chunk_quanta;
  });
}

bool Pool::has_sources(const Layer& layer) const {
  return layer.expects_sources || (taken_sources_ != 0 && source::sources_of(layer.is.patch) != 0);
}

// After the group's control: the record has where the pitch was, the control where it goes.
void Pool::fill_sources(Group& group, Chunk& chunk, Record& record, int quantum) {
  const size_t g = index(group);
  chunk.sourced[g] |= 1u << quantum;
  const Control& c = control(group);
  source::Frame* frames = chunk.sources(g, quantum);
  for (uint32_t left = record.active; left != 0; left &= left - 1) {
    const int lane = std::countr_zero(left);
    const Lane& voice = group.lanes[lane];
    const OwnMotion* own = motion_of(group, lane);
    source::Frame& f = frames[lane];
    f.asked =
        own != nullptr ? own->asked(quantum_ + 1) : layers_[static_cast<size_t>(voice.note.layer)].asked;
    const double raised = baseline::exp2_of(f.asked.raise_oct);
    f.from = static_cast<double>(record.phase1.increment[lane]) / two32 * raised;
    f.to = c.increment1[lane] * raised;
    f.rate = rate_;
    f.at = (quantum_ - voice.begun) * quantum_frames;
    f.key = source::key_of_voice(static_cast<int32_t>(c.noise_key[lane]));
    f.wave = voice.wave;
    f.isa = isa_;
    f.vel = static_cast<float>(voice.note.vel);
    f.onset = static_cast<int>(record.onset[lane]);
    f.fresh = record.fresh[lane] != 0;
  }
}

void Pool::play(Chunk& chunk, size_t g, uint32_t quanta) {
  for (uint32_t left = quanta; left != 0; left &= left - 1) {
    const int q = std::countr_zero(left);
    Record& r = chunk.record(g, q);
    alignas(64) float columns[quantum_frames][group_lanes];
    if (r.sourced) {
      std::memset(columns, 0, sizeof columns);
      for (uint32_t lanes = r.active; lanes != 0; lanes &= lanes - 1) {
        const auto lane = static_cast<size_t>(std::countr_zero(lanes));
        alignas(64) source::Mono made = {};
        sources_.add(g * group_lanes + lane, chunk.sources(g, q)[lane], made);
        for (int n = 0; n < quantum_frames; ++n) columns[n][lane] = made[n];
      }
      r.sources = columns[0];
    }
    const auto play = r.active >> (group_lanes / 2) == 0 ? kernel_.sound_few : kernel_.sound;
    const size_t at = Chunk::at(g, q);
    play(r, chunk.steps[at], chunk.unison[at], chunk.levels_of(g)[r.levels], sounds_[g], chunk.out(g, q));
    r.sources = nullptr;
  }
}

void Pool::sound(Chunk& chunk, int job) {
  const size_t g = chunk.playing[static_cast<size_t>(job)];
  play(chunk, g, chunk.recorded[g]);
}

void Pool::sound_sources(Chunk& chunk, int job) {
  const size_t g = chunk.playing[static_cast<size_t>(job)];
  play(chunk, g, chunk.sourced[g]);
}

}  // namespace auralis::voice
