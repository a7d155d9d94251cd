// SPDX-License-Identifier: MIT
#include "torch/voice/cuda_kernels.h"

#include <algorithm>

#include "synth/voice/lane_step.h"
#include "synth/voice/unison_impl.h"

namespace auralis::voice::cuda {
namespace {

using namespace one_lane;

constexpr int threads = 128;
constexpr int stereo_frames = 2 * quantum_frames;
static_assert(threads == stereo_frames);  // a block adds up one quantum: a thread for each frame of each side

__host__ __device__ constexpr int blocks_for(int lanes) { return (lanes + threads - 1) / threads; }

// A lane's frames, one side after the other, four at a time.
class Frames {
 public:
  __device__ explicit Frames(float* out) : out_(out) {}
  __device__ void put(int n, float left, float right) {
    left_[n % 4] = left;
    right_[n % 4] = right;
    if (n % 4 != 3) return;
    store_four(out_ + n - 3, left_);
    store_four(out_ + quantum_frames + n - 3, right_);
  }

 private:
  __device__ static void store_four(float* to, const float* x) {
    *reinterpret_cast<float4*>(to) = make_float4(x[0], x[1], x[2], x[3]);
  }
  float* out_;
  float left_[4], right_[4];
};

// Lanes side by side, quantum by quantum, so that what is written together lies together.
__device__ float* frames_at(float* frames, int q, int lanes, int lane) {
  return frames + (static_cast<int64_t>(q) * lanes + lane) * stereo_frames;
}

__global__ void __launch_bounds__(threads) play_record_lanes(Records all) {
  const int thread = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  const int group = thread / group_lanes;
  const int lane = thread % group_lanes;
  if (group >= all.groups) return;
  const uint32_t recorded = all.recorded[group];
  Sound& sound = all.sounds[all.places[group]];
  for (int q = 0; q < all.quanta; ++q) {
    const Record& record = all.records[group * all.chunk + q];
    if ((recorded >> q & 1u) == 0 || (record.active >> lane & 1u) == 0) continue;
    const Levels& levels = all.levels[group * all.level_sets + record.levels];
    const bool per_frame = record.any_per_frame && record.per_frame[lane] != 0;
    const UnisonRecord& unison = all.unison[group * all.chunk + q];
    Parts parts{levels.used, levels.modulated, record.stage_changes, per_frame, record.equalized};
    if (record.unison) parts.unison = unison.use;
    parts.one_sided = record.one_sided;
    sound_lanes_of<thread_block>(record, all.steps[group * all.chunk + q], unison, levels, parts, sound,
                                 Frames(frames_at(all.frames, q, all.groups * group_lanes, thread)), lane);
  }
}

// The tree of kernel_impl.h: lanes 8 apart, then 4, 2 and 1.
__global__ void __launch_bounds__(threads) sum_record_lanes(Records all) {
  const int slot = static_cast<int>(blockIdx.x) % all.slots;
  const int q = static_cast<int>(blockIdx.x) / all.slots % all.quanta;
  const int group = static_cast<int>(blockIdx.x) / all.slots / all.quanta;
  if ((all.recorded[group] >> q & 1u) == 0) return;
  const Record& record = all.records[group * all.chunk + q];
  if (slot >= record.layer_count) return;
  const uint32_t in = record.layer_lanes[slot];
  float part[group_lanes];
  for (int lane = 0; lane < group_lanes; ++lane) {
    const float* frames = frames_at(all.frames, q, all.groups * group_lanes, group * group_lanes + lane);
    part[lane] = (in >> lane & 1u) != 0 ? frames[threadIdx.x] : 0.0F;
  }
  for (int apart = group_lanes / 2; apart > 0; apart /= 2) {
    for (int lane = 0; lane < apart; ++lane) part[lane] += part[lane + apart];
  }
  const int64_t at = (static_cast<int64_t>(group) * all.quanta + q) * all.slots + slot;
  all.out[at * stereo_frames + threadIdx.x] = part[0];
}

__device__ void take_move(const Move& move, NoteLane& me, const Control& control, Params& params,
                          Unison& unison, NoteLevels& levels, int lane) {
  PatchParams rows = move.params;
  add_note(rows, move.touch, me.pitch, me.vel, me.pan);
  set_lane(params, rows, lane);
  for (int row = 0; row < level_rows; ++row) levels.target[row][lane] = move.levels.rows[row];
  const auto key = static_cast<uint32_t>(static_cast<int32_t>(control.noise_key[lane]));
  if (!me.unison && move.unison.count > 1.0) {
    me.unison = true;
    set_lane(unison.control, begin_unison(key), lane);
  }
  if (me.unison) set_lane(unison.params, unison_of_note(move.unison, key), lane);
}

__global__ void __launch_bounds__(threads) play_note_lanes(Notes notes) {
  const int thread = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (thread >= notes.count) return;
  NoteLane me = notes.lanes[thread];
  if (notes.first >= me.quanta) return;
  const int group = thread / group_lanes;
  const int lane = thread % group_lanes;
  Control& control = notes.controls[group];
  Params& params = notes.params[group];
  Record& record = notes.records[group];
  Steps& steps = notes.steps[group];
  Unison& unison = notes.unisons[group];
  UnisonRecord& unison_record = notes.unison_records[group];
  Levels& levels = notes.levels[group];
  NoteLevels& note_levels = notes.note_levels[group];
  uint32_t used = 0;
  for (int row = 0; row < level_rows; ++row) {
    used |= (note_levels.end[row][lane] != 0.0F ? 1u : 0u) << row;
  }
  bool had_unison = me.unison;
  const int end = notes.first + notes.span;
  for (int q = notes.first; q < end && q < me.quanta; ++q) {
    while (me.next_move < me.end_move && notes.moves[me.next_move].quantum <= me.quantum + q) {
      const Move& move = notes.moves[me.next_move++];
      take_move(move, me, control, params, unison, note_levels, lane);
      me.modulated = move.levels.modulated;
      me.changed = true;
    }
    const bool fresh = q == 0;
    const bool one_sided = fresh || !had_unison;
    had_unison = me.unison;
    const bool stage_changes = changes_stage(control, lane);
    const bool per_frame = has_per_frame_lane(control, params, lane);
    const bool ended = advance_lanes(control, params, record, steps, lane, stage_changes, per_frame) != 0;
    const double increment1 = control.increment1[lane];
    const double increment2 = control.increment2[lane];
    if (me.changed || higher_of(increment1, increment2) > near_nyquist) {
      const auto step = step_levels(levels, note_levels.end, note_levels.target, level_rows, lane, fresh,
                                    increment1, increment2);
      used = step.used;
      me.changed = step.moves;
    }
    const uint32_t equalized = used & equalized_rows;
    Parts parts{used, me.modulated || record.fm_depth.start[lane] != 0.0F, stage_changes, per_frame,
                (equalized | me.equalized) != 0};
    if (me.unison) parts.unison = advance_unison(unison, control, params, record, unison_record, lane);
    parts.one_sided = one_sided;
    me.equalized = equalized;
    sound_lanes_of<thread_block>(record, steps, unison_record, levels, parts, notes.sounds[group],
                                 Frames(frames_at(notes.frames, q - notes.first, notes.count, thread)), lane);
    if (ended) me.quanta = q + 1;
  }
  notes.lanes[thread] = me;
}

// A block has every slices-th quantum of one output to itself, so that no two add to the same frame.
__global__ void __launch_bounds__(threads) mix_note_lanes(Notes notes, NoteMix mix) {
  const int slices = static_cast<int>(gridDim.y);
  const int slice = static_cast<int>(blockIdx.y);
  const int output = static_cast<int>(blockIdx.x);
  const int side = static_cast<int>(threadIdx.x) / quantum_frames;
  const int n = static_cast<int>(threadIdx.x) % quantum_frames;
  float* out = mix.out + (2 * static_cast<int64_t>(output) + side) * mix.quanta * quantum_frames + n;
  for (int i = mix.begin[output]; i < mix.begin[output + 1]; ++i) {
    const int thread = mix.lanes[i];
    const NoteLane& lane = notes.lanes[thread];
    const int64_t start = lane.quantum + notes.first;
    const auto wait = static_cast<int>((slice - start % slices + slices) % slices);
    const int end = static_cast<int>(
        lower_of<int64_t>(lower_of<int64_t>(notes.span, lane.quanta - notes.first), mix.quanta - start));
    for (int q = wait; q < end; q += slices) {
      out[(start + q) * quantum_frames] += frames_at(notes.frames, q, notes.count, thread)[threadIdx.x];
    }
  }
}

}  // namespace

int play_records(const Records& records, void* stream) {
  const auto on = static_cast<cudaStream_t>(stream);
  play_record_lanes<<<blocks_for(records.groups * group_lanes), threads, 0, on>>>(records);
  sum_record_lanes<<<records.groups * records.quanta * records.slots, threads, 0, on>>>(records);
  return cudaGetLastError();
}

int play_notes(const Notes& notes, void* stream) {
  play_note_lanes<<<blocks_for(notes.count), threads, 0, static_cast<cudaStream_t>(stream)>>>(notes);
  return cudaGetLastError();
}

int mix_notes(const Notes& notes, const NoteMix& mix, void* stream) {
  const int slices = std::min({16, notes.span, 1 + 4096 / mix.outputs});
  const dim3 grid(static_cast<unsigned>(mix.outputs), static_cast<unsigned>(slices));
  mix_note_lanes<<<grid, threads, 0, static_cast<cudaStream_t>(stream)>>>(notes, mix);
  return cudaGetLastError();
}

}  // namespace auralis::voice::cuda
