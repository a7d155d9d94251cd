// SPDX-License-Identifier: MIT
#include "torch/voice/note_batch.h"

#include <ATen/Functions.h>
#include <c10/core/InferenceMode.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <c10/util/Exception.h>
#include <cuda_runtime_api.h>

#include <algorithm>
#include <cassert>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "synth/voice/lane_step.h"
#include "torch/device.h"
#include "torch/voice/cuda_kernels.h"

namespace auralis::voice {
namespace {

constexpr int64_t most_lanes = 1 << 17;          // side by side; the device is full with fewer
constexpr int64_t most_frame_bytes = 4ll << 30;  // of what they played and is not yet mixed
constexpr int64_t most_span = 1024;              // quanta
constexpr int64_t quantum_bytes =
    int64_t{2} * quantum_frames * static_cast<int64_t>(sizeof(float));  // of a lane
constexpr double releases_to_silence = 100.0 / 60;  // release_s is the time to -60 dB, and silence -100 dB

template <typename Row>
at::Tensor rows_on(c10::Device device, int64_t count) {
  return at::empty({count * static_cast<int64_t>(sizeof(Row))},
                   at::TensorOptions().dtype(at::kByte).device(device));
}

template <typename Row>
Row* rows_of(const at::Tensor& tensor) {
  return static_cast<Row*>(tensor.data_ptr());
}

template <typename Row>
at::Tensor sent(const std::vector<Row>& rows, c10::Device device) {
  const auto bytes = static_cast<int64_t>(rows.size() * sizeof(Row));
  return at::from_blob(const_cast<Row*>(rows.data()), {bytes}, at::TensorOptions().dtype(at::kByte))
      .to(device);
}

// What the device needs to know of every note, and what of it only decides where it goes.
struct Lane {
  cuda::NoteLane state;
  LaneControl control;
  int output;
  uint32_t units;  // the rows its first patch uses: lanes that need the same go together
};

struct Moves {
  std::vector<cuda::Move> all;
  std::vector<int32_t> begin;  // by track, and the end
};

Moves moves_of(std::span<const Track> tracks, int rate) {
  Moves moves;
  for (const Track& track : tracks) {
    moves.begin.push_back(static_cast<int32_t>(moves.all.size()));
    for (const auto& [quantum, patch] : track.patches) {
      moves.all.push_back(
          {quantum, params_of(patch, rate), levels_of(patch), touch_of(patch), unison_of(patch)});
    }
  }
  moves.begin.push_back(static_cast<int32_t>(moves.all.size()));
  return moves;
}

Lane lane_of(const Track& track, const TrackNote& note, int32_t first_move, int32_t end_move,
             const Moves& moves, int64_t quanta, int rate) {
  const auto later = std::upper_bound(track.patches.begin(), track.patches.end(), note.quantum,
                                      [](int64_t at, const Track::From& from) { return at < from.quantum; });
  assert(later != track.patches.begin());
  const auto at = later - 1 - track.patches.begin();
  float release_s = 0.0F;
  for (auto from = later - 1; from != track.patches.end(); ++from) {
    release_s = std::max(release_s, from->patch[VoiceParam::release_s]);
  }
  const double frames = note.note.onset + static_cast<double>(note.note.frames) +
                        releases_to_silence * static_cast<double>(release_s) * rate;
  const double left = static_cast<double>(std::clamp<int64_t>(quanta - note.quantum, 0, INT32_MAX));
  Lane lane{};
  lane.state = {.quantum = note.quantum,
                .quanta = static_cast<int32_t>(std::min(left, frames / quantum_frames + 2.0)),
                .next_move = first_move + static_cast<int32_t>(at),
                .end_move = end_move,
                .equalized = 0,
                .changed = false,
                .modulated = false,
                .unison = false,
                .pitch = note.note.pitch,
                .vel = note.note.vel,
                .pan = note.note.pan};
  const Patch& patch = track.patches[static_cast<size_t>(at)].patch;
  lane.control = begin_voice(note.note, track.layer, patch, rate);
  lane.output = track.output;
  const PatchLevels& levels = moves.all[static_cast<size_t>(lane.state.next_move)].levels;
  for (int row = 0; row < level_rows; ++row) lane.units |= (levels.rows[row] != 0.0F ? 1u : 0u) << row;
  lane.units |= (levels.modulated ? 1u : 0u) << level_rows;
  lane.units |= (moves.all[static_cast<size_t>(lane.state.next_move)].unison.count > 1.0 ? 1u : 0u)
                << (level_rows + 1);
  return lane;
}

// What LibTorch can give of the device's memory: what is free, and what it has taken and does not use.
int64_t free_bytes(c10::Device device) {
  size_t free = 0;
  size_t all = 0;
  C10_CUDA_CHECK(cudaMemGetInfo(&free, &all));
  const auto stats = c10::cuda::CUDACachingAllocator::getDeviceStats(device.index());
  constexpr size_t aggregate = 0;
  return static_cast<int64_t>(free) + stats.reserved_bytes[aggregate].current -
         stats.allocated_bytes[aggregate].current;
}

// Memory for what `lanes` play together in a span: all of them, or as many as there is memory for.
struct Frames {
  at::Tensor memory;
  int64_t lanes;
};

Frames frames_for(int64_t count, int64_t span, c10::Device device) {
  const auto whole_groups = [](int64_t lanes) {
    return std::max<int64_t>(group_lanes, lanes / group_lanes * group_lanes);
  };
  int64_t lanes = std::min(count, whole_groups(free_bytes(device) / 2 / (span * quantum_bytes)));
  for (;;) {
    try {
      return {rows_on<char>(device, lanes * span * quantum_bytes), lanes};
    } catch (const c10::OutOfMemoryError&) {  // in pieces that are too small, or others were faster
      if (lanes <= group_lanes) throw;
    }
    lanes = whole_groups(lanes / 2);
  }
}

// Lanes that play together, whole groups of them.
struct Range {
  int64_t first, count;
  int32_t longest;  // quanta
};

// Plays and mixes the lanes that are on the device together. Span by span, and in each range by range: a frame's notes
// are added up in the same order whatever the ranges.
void play_wave(const std::vector<Lane>& lanes, std::span<const int32_t> order, const cuda::Move* moves,
               const at::Tensor& out, int outputs, int64_t quanta, c10::Device device) {
  const auto count = static_cast<int64_t>(order.size());
  const auto lane = [&](int64_t i) -> const Lane& {
    return lanes[static_cast<size_t>(order[static_cast<size_t>(i)])];
  };
  const int64_t groups = (count + group_lanes - 1) / group_lanes;
  std::vector<cuda::NoteLane> states;
  std::vector<Control> controls(static_cast<size_t>(groups));
  int32_t longest = 0;
  states.reserve(order.size());
  for (int64_t i = 0; i < count; ++i) {
    states.push_back(lane(i).state);
    longest = std::max(longest, lane(i).state.quanta);
    baseline::set_lane(controls[static_cast<size_t>(i / group_lanes)], lane(i).control,
                       static_cast<int>(i % group_lanes));
  }
  const at::Tensor on_states = sent(states, device);
  const at::Tensor on_controls = sent(controls, device);
  const at::Tensor params = rows_on<Params>(device, groups);
  const at::Tensor records = rows_on<Record>(device, groups);
  const at::Tensor steps = rows_on<Steps>(device, groups);
  const at::Tensor unisons = rows_on<Unison>(device, groups);
  const at::Tensor unison_records = rows_on<UnisonRecord>(device, groups);
  const at::Tensor levels = rows_on<Levels>(device, groups);
  const at::Tensor note_levels = at::zeros_like(rows_on<cuda::NoteLevels>(device, groups));
  const at::Tensor sounds = rows_on<Sound>(device, groups);
  // The span must not depend on what is free: the order of the sums does on it.
  const int64_t span = std::clamp<int64_t>(most_frame_bytes / (count * quantum_bytes), 1,
                                           std::clamp<int64_t>(longest, 1, most_span));
  const Frames frames = frames_for(count, span, device);

  // For each range, the lanes of each output as the range numbers them.
  std::vector<Range> ranges;
  std::vector<int32_t> begin;  // [ranges][outputs + 1]
  std::vector<int32_t> by_output(order.size());
  for (int64_t first = 0; first < count; first += frames.lanes) {
    Range range{first, std::min(frames.lanes, count - first), 0};
    std::vector<int32_t> next(static_cast<size_t>(outputs) + 1);
    for (int64_t i = 0; i < range.count; ++i) {
      range.longest = std::max(range.longest, lane(first + i).state.quanta);
      ++next[static_cast<size_t>(lane(first + i).output) + 1];
    }
    std::partial_sum(next.begin(), next.end(), next.begin());
    begin.insert(begin.end(), next.begin(), next.end());
    for (int64_t i = 0; i < range.count; ++i) {
      const int32_t at = next[static_cast<size_t>(lane(first + i).output)]++;
      by_output[static_cast<size_t>(first + at)] = static_cast<int32_t>(i);
    }
    ranges.push_back(range);
  }
  const at::Tensor on_begin = sent(begin, device);
  const at::Tensor on_by_output = sent(by_output, device);

  const auto stream = c10::cuda::getCurrentCUDAStream(device.index());
  for (int64_t first = 0; first < longest; first += span) {
    const int32_t* range_begin = rows_of<int32_t>(on_begin);
    for (const Range& range : ranges) {
      const int32_t* this_begin = std::exchange(range_begin, range_begin + outputs + 1);
      if (first >= range.longest) continue;
      const int64_t group = range.first / group_lanes;
      const cuda::Notes notes{.moves = moves,
                              .lanes = rows_of<cuda::NoteLane>(on_states) + range.first,
                              .controls = rows_of<Control>(on_controls) + group,
                              .params = rows_of<Params>(params) + group,
                              .records = rows_of<Record>(records) + group,
                              .steps = rows_of<Steps>(steps) + group,
                              .unisons = rows_of<Unison>(unisons) + group,
                              .unison_records = rows_of<UnisonRecord>(unison_records) + group,
                              .levels = rows_of<Levels>(levels) + group,
                              .note_levels = rows_of<cuda::NoteLevels>(note_levels) + group,
                              .sounds = rows_of<Sound>(sounds) + group,
                              .frames = rows_of<float>(frames.memory),
                              .count = static_cast<int>(range.count),
                              .first = static_cast<int>(first),
                              .span = static_cast<int>(span)};
      const cuda::NoteMix mix{.begin = this_begin,
                              .lanes = rows_of<int32_t>(on_by_output) + range.first,
                              .out = out.data_ptr<float>(),
                              .outputs = outputs,
                              .quanta = quanta};
      C10_CUDA_CHECK(static_cast<cudaError_t>(cuda::play_notes(notes, stream.stream())));
      C10_CUDA_CHECK(static_cast<cudaError_t>(cuda::mix_notes(notes, mix, stream.stream())));
    }
  }
}

at::Tensor play_all(std::span<const Track> tracks, std::span<const TrackNote> notes, int outputs,
                    int64_t quanta, int rate, c10::Device device) {
  const c10::InferenceMode inference;
  const c10::cuda::CUDAGuard guard(device);
  const Moves moves = moves_of(tracks, rate);
  std::vector<Lane> lanes;
  lanes.reserve(notes.size());
  for (const TrackNote& note : notes) {
    const auto track = static_cast<size_t>(note.track);
    lanes.push_back(
        lane_of(tracks[track], note, moves.begin[track], moves.begin[track + 1], moves, quanta, rate));
  }
  std::vector<int32_t> order(lanes.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int32_t left, int32_t right) {
    const Lane& a = lanes[static_cast<size_t>(left)];
    const Lane& b = lanes[static_cast<size_t>(right)];
    return std::pair(a.units, a.state.quanta) < std::pair(b.units, b.state.quanta);
  });
  const at::Tensor on_moves = sent(moves.all, device);
  at::Tensor out =
      at::zeros({outputs, 2, quanta * quantum_frames}, at::TensorOptions().dtype(at::kFloat).device(device));
  for (size_t first = 0; first < order.size(); first += most_lanes) {
    const size_t count = std::min<size_t>(most_lanes, order.size() - first);
    play_wave(lanes, std::span(order).subspan(first, count), rows_of<cuda::Move>(on_moves), out, outputs,
              quanta, device);
  }
  return out;
}

void refuse_modulation(std::span<const Track> tracks) {
  for (const Track& track : tracks) {
    for (const Track::From& from : track.patches) {
      if (from.modulation.empty()) continue;
      throw Error(Exit::usage,
                  "layer " + track.layer +
                      " has modulation, expected none: a batch of notes is played without; a renderer "
                      "plays it, on this device too");
    }
  }
}

}  // namespace

at::Tensor play_notes(std::span<const Track> tracks, std::span<const TrackNote> notes, int outputs,
                      int64_t quanta, int rate, c10::Device device) {
  refuse_modulation(tracks);
  return on_device(device, "playing notes",
                   [&] { return play_all(tracks, notes, outputs, quanta, rate, device); });
}

}  // namespace auralis::voice
