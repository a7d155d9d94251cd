// SPDX-License-Identifier: MIT
// What a CUDA device's threads run, compiled for the processor: one lane at a time.
#define AURALIS_ONE_LANE
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "model/patch.h"
#include "model/rng.h"
#include "synth/isa.h"
#include "synth/voice/kernel.h"
#include "synth/voice/lane_step.h"
#include "synth/voice/patch_params.h"
#include "synth/voice/unison_impl.h"

using namespace auralis;
using namespace auralis::voice;

namespace {

Patch any_patch(Rng& chance) {
  Patch patch = default_patch();
  for (size_t i = 0; i < voice_param_count; ++i) {
    const ParamInfo& info = voice_params[i];
    patch.values[i] = static_cast<float>(info.min + (info.max - info.min) * chance.uniform());
  }
  using enum VoiceParam;
  for (const VoiceParam time : {attack_s, decay_s, release_s, mod_attack_s, mod_decay_s, mod_release_s}) {
    patch[time] = 0.001F + 0.02F * static_cast<float>(chance.uniform());
  }
  patch[velocity_db] *= 0.25F;
  return patch;
}

struct Columns {
  float (&left)[quantum_frames];
  float (&right)[quantum_frames];
  void put(int n, float l, float r) const {
    left[n] = l;
    right[n] = r;
  }
};

// The vectors have short cuts where levels stand still, only the low-pass is heard, or few voices sound.
struct Ways {
  bool modulated, moving, only_low;
  uint32_t active = (1u << group_lanes) - 1;
  bool unison = false;
  bool rich = false;
};

int lanes_differ(const Sound& a, const Sound& b, uint32_t lanes) {
  const auto* of_a = reinterpret_cast<const Fast*>(&a);
  const auto* of_b = reinterpret_cast<const Fast*>(&b);
  int different = 0;
  for (size_t row = 0; row < sizeof(Sound) / sizeof(Fast); ++row) {
    for (int lane = 0; lane < group_lanes; ++lane) {
      different += (lanes >> lane & 1u) != 0 && of_a[row][lane] != of_b[row][lane];
    }
  }
  return different;
}

void compare(Isa isa, const Ways& ways) {
  const Kernel vectors = kernel(isa);
  Rng chance(2, "one lane");
  auto control = std::make_unique<Control>();
  auto params = std::make_unique<Params>();
  auto levels = std::make_unique<Levels>();
  auto steps = std::make_unique<Steps>();
  auto unison = std::make_unique<Unison>();
  auto riders = std::make_unique<UnisonRecord>();
  Record record{};
  const auto is_active = [&ways](int lane) { return (ways.active >> lane & 1u) != 0; };
  for (int lane = 0; lane < group_lanes; ++lane) {
    Patch patch = any_patch(chance);
    // It rings only where its energy is held, which is one of the rich rows.
    if (!ways.rich) patch[VoiceParam::self_oscillation] = 0.0F;
    const Note note{.id = chance.next(),
                    .pitch = 24.0 + 84.0 * chance.uniform(),
                    .vel = 0.5 + 0.5 * chance.uniform(),
                    .pan = 0.0,
                    .onset = static_cast<int>(chance.uniform() * quantum_frames),
                    .frames = 1 + static_cast<int64_t>(chance.uniform() * 30 * quantum_frames)};
    PatchParams rows = params_of(patch, 44100);
    one_lane::add_note(rows, touch_of(patch), note.pitch, note.vel, note.pan);
    one_lane::set_lane(*params, rows, lane);
    one_lane::set_lane(*control, begin_voice(note, "test", patch, 44100), lane);
    const auto key = static_cast<uint32_t>(static_cast<int32_t>(control->noise_key[lane]));
    one_lane::set_lane(unison->control, one_lane::begin_unison(key), lane);
    one_lane::set_lane(unison->params, one_lane::unison_of_note(unison_of(patch), key), lane);
    PatchLevels wanted = levels_of(patch);
    if (ways.only_low) {
      wanted.rows[low] = 1.0F;
      wanted.rows[band] = wanted.rows[high] = 0.0F;
    }
    if (!ways.rich) std::fill(wanted.rows + plain_rows, wanted.rows + level_rows, 0.0F);
    for (int row = 0; row < level_rows; ++row) {
      levels->rows[row].start[lane] = wanted.rows[row];
      const bool moves = ways.moving && wanted.rows[row] != 0.0F;
      levels->rows[row].step[lane] = moves ? static_cast<float>(chance.uniform() * 1e-4) : 0.0F;
      levels->uses[lane] |= (wanted.rows[row] != 0.0F ? 1u : 0u) << row;
    }
    if (!is_active(lane)) {
      control->active[lane] = 0.0;
      continue;
    }
    record.layers[record.layer_count] = lane;
    record.layer_lanes[record.layer_count++] = 1u << lane;
  }
  levels->modulated = ways.modulated;
  levels->used = (1u << level_rows) - 1;
  if (!ways.rich) levels->used &= ~rich_rows;
  if (ways.only_low) levels->used &= ~(1u << band | 1u << high);
  record.active = ways.active;
  record.equalized = true;
  record.unison = ways.unison;

  auto sound = std::make_unique<Sound>();
  auto lane_control = std::make_unique<Control>(*control);
  auto lane_sound = std::make_unique<Sound>();
  auto lane_steps = std::make_unique<Steps>();
  auto lane_unison = std::make_unique<Unison>(*unison);
  auto lane_riders = std::make_unique<UnisonRecord>();
  Record lane_record = record;
  alignas(64) float out[group_lanes][2][quantum_frames];
  int different = 0;
  float loudest = 0.0F;
  int steady = 0;  // quanta that take the shortest path: no envelope changes stage, every lane is ramped
  int mixed = 0;   // quanta in which some lanes are modulated per frame and others are ramped
  for (int q = 0; q < 60; ++q) {
    const uint32_t ended = vectors.advance(*control, *params, record, *steps);
    record.one_sided = lane_record.one_sided = q == 0;
    if (ways.unison) vectors.advance_unison(*unison, *control, *params, record, *riders);
    const auto play = record.active >> (group_lanes / 2) == 0 ? vectors.sound_few : vectors.sound;
    play(record, *steps, *riders, *levels, *sound, &out[0][0][0]);
    steady += record.stage_changes || record.any_per_frame ? 0 : 1;
    uint32_t lanes_ended = 0;
    bool per_frame[group_lanes];
    UnisonUse uses[group_lanes] = {};
    for (int lane = 0; lane < group_lanes; ++lane) {
      per_frame[lane] = false;
      if (!is_active(lane)) continue;
      per_frame[lane] = one_lane::has_per_frame_lane(*lane_control, *params, lane);
      lanes_ended |= one_lane::advance_lanes(*lane_control, *params, lane_record, *lane_steps, lane,
                                             record.stage_changes, per_frame[lane]);
      if (!ways.unison) continue;
      uses[lane] =
          one_lane::advance_unison(*lane_unison, *lane_control, *params, lane_record, *lane_riders, lane);
    }
    CHECK(lanes_ended == ended);
    mixed += std::count(per_frame, per_frame + group_lanes, true) % group_lanes != 0;
    for (int layer = 0; layer < record.layer_count; ++layer) {
      const int lane = record.layers[layer];
      one_lane::Parts parts{levels->used, levels->modulated, record.stage_changes, per_frame[lane],
                            record.equalized};
      parts.unison = uses[lane];
      float left[quantum_frames];
      float right[quantum_frames];
      one_lane::sound_lanes_of<one_lane::thread_block>(lane_record, *lane_steps, *lane_riders, *levels, parts,
                                                       *lane_sound, Columns{left, right}, lane);
      for (int n = 0; n < quantum_frames; ++n) {
        different += left[n] != out[layer][0][n] || right[n] != out[layer][1][n];
        loudest = std::max({loudest, std::abs(left[n]), std::abs(right[n])});
      }
    }
  }
  CAPTURE(isa_name(isa));
  CAPTURE(ways.modulated);
  CAPTURE(ways.moving);
  CAPTURE(ways.only_low);
  CAPTURE(ways.unison);
  CAPTURE(ways.rich);
  CHECK(different == 0);
  const bool few = record.layer_count < group_lanes;
  CHECK(loudest > (few ? 0.01F : 0.1F));
  CHECK(steady > 5);
  if (few) {
    CHECK(lanes_differ(*sound, *lane_sound, ways.active) == 0);
    return;
  }
  CHECK(mixed > 5);
  CHECK(std::memcmp(control.get(), lane_control.get(), sizeof(Control)) == 0);
  CHECK(std::memcmp(sound.get(), lane_sound.get(), sizeof(Sound)) == 0);
  CHECK(std::memcmp(unison.get(), lane_unison.get(), sizeof(Unison)) == 0);
}

}  // namespace

TEST_CASE("One lane at a time, as a CUDA device does it, gives the bits of every instruction set") {
  for (const Isa isa : {Isa::baseline, Isa::avx2, Isa::avx512}) {
    if (isa > best_isa()) continue;
    for (const bool modulated : {false, true}) {
      for (const bool moving : {false, true}) {
        for (const bool only_low : {false, true}) {
          compare(isa, {modulated, moving, only_low});
          compare(isa, {.modulated = modulated, .moving = moving, .only_low = only_low, .unison = true});
        }
        for (const bool unison : {false, true}) {
          compare(isa, {modulated, moving, false, (1u << group_lanes) - 1, unison, true});
        }
      }
    }
  }
}

TEST_CASE("Few voices, whose oscillators are played voice by voice, sound as each does alone") {
  for (const Isa isa : {Isa::baseline, Isa::avx2, Isa::avx512}) {
    if (isa > best_isa()) continue;
    for (const uint32_t active : {1u << 5, 1u << 0 | 1u << 6, 1u << 2 | 1u << 3 | 1u << 9 | 1u << 15}) {
      for (const bool moving : {false, true}) {
        for (const bool only_low : {false, true}) {
          compare(isa, {false, moving, only_low, active});
          compare(isa, {false, moving, only_low, active, true});
          compare(isa, {false, moving, only_low, active, !moving, true});
        }
      }
    }
  }
}
