// SPDX-License-Identifier: MIT
#include "torch/voice/sounds.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <vector>

#include "torch/device.h"
#include "torch/voice/units.h"

namespace auralis::voice {
namespace {

using at::Tensor;
using Playing = DeviceSound::Playing;

constexpr int64_t record_rows = sizeof(Record) / sizeof(Fast);
constexpr int64_t steps_rows = sizeof(Steps) / sizeof(Fast);
constexpr int64_t levels_rows = level_rows * 2;

// Where a member lies among the rows of sixteen of a record, or of steps.
template <typename Rows, typename Member>
int64_t row_of(Member Rows::*member) {
  static const Rows sample{};
  const auto* from = reinterpret_cast<const char*>(&sample);
  return (reinterpret_cast<const char*>(&(sample.*member)) - from) / static_cast<int64_t>(sizeof(Fast));
}

// What the records of the playing groups say, as tensors on the device.
struct Gathered {
  int64_t quanta = 0;
  Tensor bits;         // [voices, quanta, record_rows] int64: the rows of a record as whole numbers
  Tensor reals;        // [voices, quanta, record_rows]: the same rows as real ones
  Tensor levels;       // [voices, quanta, levels_rows]
  Tensor per_frame;    // [voices, quanta, 1]: the lane has steps of its own
  Tensor own_bits;     // [voices, quanta, steps_rows] int64; undefined where no lane has steps of its own
  Tensor own_reals;    // the same as real ones
  Tensor layer_lanes;  // [groups, quanta, slots, lanes]: 1 where a lane belongs to a layer's slot
  Tensor lanes;        // [voices]: where a voice's memory lies

  bool has_own_steps() const { return own_bits.defined(); }
};

bool has_per_frame_record(std::span<const Playing> playing, int quanta) {
  return std::any_of(playing.begin(), playing.end(), [quanta](const Playing& group) {
    for (int q = 0; q < quanta; ++q) {
      if ((group.recorded >> q & 1u) != 0 && group.records[q].any_per_frame) return true;
    }
    return false;
  });
}

// The same on the processor's side, filled record by record.
struct Collected {
  Tensor rows;       // [groups, quanta, record_rows, lanes] float32, some of them the bits of an int32
  Tensor steps;      // [groups, quanta, steps_rows, lanes]; no quanta where no lane has steps of its own
  Tensor per_frame;  // [groups, quanta, 1, lanes] int32
  Tensor levels;     // [groups, quanta, levels_rows, lanes]
  Tensor slots;      // [groups, quanta, lanes, lanes]
  int64_t most_slots = 1;

  Collected(int64_t groups, int64_t quanta, bool any_per_frame)
      : rows(at::zeros({groups, quanta, record_rows, group_lanes}, at::kFloat)),
        steps(at::zeros({groups, any_per_frame ? quanta : 0, steps_rows, group_lanes}, at::kFloat)),
        per_frame(at::zeros({groups, quanta, 1, group_lanes}, at::kInt)),
        levels(at::zeros({groups, quanta, levels_rows, group_lanes}, at::kFloat)),
        slots(at::zeros({groups, quanta, group_lanes, group_lanes}, at::kFloat)) {}

  // `at` counts quanta through all groups.
  void add(const Playing& group, int64_t q, int64_t at) {
    const Record& record = group.records[q];
    std::memcpy(rows.data_ptr<float>() + at * record_rows * group_lanes, &record, sizeof(Record));
    std::memcpy(levels.data_ptr<float>() + at * levels_rows * group_lanes, group.levels[record.levels].rows,
                sizeof(Levels::rows));
    if (record.any_per_frame) {
      std::memcpy(steps.data_ptr<float>() + at * steps_rows * group_lanes, &group.steps[q], sizeof(Steps));
      std::memcpy(per_frame.data_ptr<int32_t>() + at * group_lanes, record.per_frame,
                  sizeof(record.per_frame));
    }
    most_slots = std::max<int64_t>(most_slots, record.layer_count);
    for (int slot = 0; slot < record.layer_count; ++slot) {
      float* mask = slots.data_ptr<float>() + (at * group_lanes + slot) * group_lanes;
      for (int lane = 0; lane < group_lanes; ++lane)
        mask[lane] = (record.layer_lanes[slot] >> lane & 1u) ? 1.0F : 0.0F;
    }
  }
};

Gathered gather(std::span<const Playing> playing, int64_t quanta, c10::Device device, at::ScalarType real) {
  const auto count = static_cast<int64_t>(playing.size());
  const bool any_per_frame = has_per_frame_record(playing, static_cast<int>(quanta));
  Collected collected(count, quanta, any_per_frame);
  std::vector<int64_t> lane_index;
  for (int64_t g = 0; g < count; ++g) {
    const Playing& group = playing[static_cast<size_t>(g)];
    for (int64_t lane = 0; lane < group_lanes; ++lane) {
      lane_index.push_back(static_cast<int64_t>(group.group) * group_lanes + lane);
    }
    for (int64_t q = 0; q < quanta; ++q) {
      if ((group.recorded >> q & 1u) != 0) collected.add(group, q, g * quanta + q);
    }
  }
  const auto by_voice = [&](const Tensor& t) {  // [groups, quanta, rows, lanes] → [voices, quanta, rows]
    return t.to(device).permute({0, 3, 1, 2}).reshape({count * group_lanes, quanta, t.size(2)});
  };
  Gathered gathered;
  gathered.quanta = quanta;
  gathered.bits = by_voice(collected.rows.view(at::kInt)).to(at::kLong);
  gathered.reals = by_voice(collected.rows).to(real);
  gathered.levels = by_voice(collected.levels).to(real);
  gathered.per_frame = by_voice(collected.per_frame) != 0;
  if (any_per_frame) {
    gathered.own_bits = by_voice(collected.steps.view(at::kInt)).to(at::kLong);
    gathered.own_reals = by_voice(collected.steps).to(real);
  }
  gathered.layer_lanes = collected.slots.narrow(2, 0, collected.most_slots).to(device).to(real);
  gathered.lanes = at::tensor(lane_index, at::kLong).to(device);
  return gathered;
}

// The records' rows, spread over the frames: what is [voices, quanta, 1] in a record is [voices, frames] here.
class Spread {
 public:
  explicit Spread(const Gathered& gathered)
      : from_(gathered),
        n_(at::arange(quantum_frames, gathered.reals.options())),
        whole_n_(at::arange(quantum_frames, gathered.bits.options())) {}

  Tensor straight(Ramp Record::*member) const {
    const int64_t row = row_of(member);
    return (real_row(row) + real_row(row + 1) * n_).flatten(1);
  }

  Tensor ramp(Ramp Record::*member, Fast (Steps::*own)[quantum_frames]) const {
    const int64_t row = row_of(member);
    return (real_row(row) + before_each(each(real_row(row + 1), from_.own_reals, row_of(own)))).flatten(1);
  }

  Tensor increment(Phase Record::*member, Whole (Steps::*own)[quantum_frames]) const {
    return at::clamp_min((increments(member, own).to(n_.scalar_type()) * turn).flatten(1), 1e-9);
  }

  Tensor phase(Phase Record::*member, Whole (Steps::*own)[quantum_frames]) const {
    const Tensor sum = whole_row(row_of(member)) + before_each(increments(member, own));
    return (at::bitwise_and(sum, at::Scalar(int64_t{0xffffffff})).to(n_.scalar_type()) * turn).flatten(1);
  }

  Tensor level(int64_t row) const {
    return (from_.levels.narrow(2, 2 * row, 1) + from_.levels.narrow(2, 2 * row + 1, 1) * n_).flatten(1);
  }

  Tensor amplitude() const {
    const Tensor root = attack_target + shrinking(&Record::attack_start, &Record::attack_factor);
    const Tensor held = row(&Record::sustain) + shrinking(&Record::decay_start, &Record::decay_factor);
    const Tensor faded = shrinking(&Record::release_start, &Record::release_factor);
    const Tensor sounding = at::where(n_ < row(&Record::attack_end), root * root,
                                      at::where(n_ < row(&Record::release), held, faded));
    return at::where(n_ < row(&Record::onset), at::zeros_like(sounding), sounding).flatten(1);
  }

  Tensor noise_counter() const { return (whole_row(row_of(&Record::noise_counter)) + whole_n_).flatten(1); }
  Tensor noise_key() const { return (whole_row(row_of(&Record::noise_key)) + whole_n_ * 0).flatten(1); }

  // 0 at the first frame of a note that begins without a memory, 1 elsewhere.
  Tensor kept() const {
    const Tensor begins = at::logical_and(whole_row(row_of(&Record::fresh)) != 0, whole_n_ == 0);
    return at::logical_not(begins).to(n_.scalar_type()).flatten(1);
  }

 private:
  static constexpr double turn = 0x1.0p-32;

  static Tensor before_each(const Tensor& x) { return at::cumsum(x, 2) - x; }
  Tensor real_row(int64_t row) const { return from_.reals.narrow(2, row, 1); }
  Tensor whole_row(int64_t row) const { return from_.bits.narrow(2, row, 1); }
  Tensor row(Fast Record::*member) const { return real_row(row_of(member)); }

  // A frame's own step where the lane has such, and the quantum's elsewhere.
  Tensor each(const Tensor& same, const Tensor& own, int64_t row) const {
    const Tensor all = same.expand({same.size(0), from_.quanta, quantum_frames});
    return from_.has_own_steps() ? at::where(from_.per_frame, own.narrow(2, row, quantum_frames), all) : all;
  }
  Tensor increments(Phase Record::*member, Whole (Steps::*own)[quantum_frames]) const {
    const int64_t row = row_of(member);
    return whole_row(row + 1) + before_each(each(whole_row(row + 2), from_.own_bits, row_of(own)));
  }
  Tensor shrinking(Fast Record::*start, Fast Record::*factor) const {
    return row(start) * at::pow(row(factor), n_);
  }

  const Gathered& from_;
  Tensor n_;        // [frames of a quantum]
  Tensor whole_n_;  // the same, int64
};

Signals signals_of(const Gathered& gathered) {
  const Spread spread(gathered);
  Signals s;
  s.phase1 = spread.phase(&Record::phase1, &Steps::phase1);
  s.phase2 = spread.phase(&Record::phase2, &Steps::phase2);
  s.phase_sub = spread.phase(&Record::phase_sub, &Steps::phase_sub);
  s.phase_fm = spread.phase(&Record::phase_fm, &Steps::phase_fm);
  s.increment1 = spread.increment(&Record::phase1, &Steps::phase1);
  s.increment2 = spread.increment(&Record::phase2, &Steps::phase2);
  s.fm_depth = spread.ramp(&Record::fm_depth, &Steps::fm_depth) * 0.5;
  s.cutoff_g = spread.ramp(&Record::cutoff_g, &Steps::cutoff_g);
  s.left = spread.straight(&Record::left);
  s.right = spread.straight(&Record::right);
  for (int64_t level = 0; level < level_rows; ++level) s.levels[level] = spread.level(level);
  s.amplitude = spread.amplitude();
  s.noise_counter = spread.noise_counter();
  s.noise_key = spread.noise_key();
  s.kept = spread.kept();
  return s;
}

class UnitSound : public DeviceSound {
 public:
  UnitSound(c10::Device device, size_t groups)
      : device_(device), real_(device.is_mps() ? at::kFloat : at::kDouble) {
    const c10::InferenceMode guard;
    const auto lanes = static_cast<int64_t>(groups * group_lanes);
    const at::TensorOptions options = at::TensorOptions().dtype(real_).device(device_);
    each_of_one_side(memory_, [&](Tensor& of, int64_t width) { of = at::zeros({lanes, width}, options); });
  }

  Spent render(std::span<const Playing> playing, int quanta) override {
    if (!playing.empty()) on_device(device_, "rendering", [&] { play_chunk(playing, quanta); });
    return {};
  }

 private:
  void play_chunk(std::span<const Playing> playing, int quanta) {
    const c10::InferenceMode guard;
    const Gathered gathered = gather(playing, quanta, device_, real_);
    write_sums(playing, gathered, play_voices(gathered));
  }

  // [voices, 2, frames]
  Tensor play_voices(const Gathered& gathered) {
    const Tensor& lanes = gathered.lanes;
    UnitMemory memory = memory_;
    each_of_one_side(memory, [&](Tensor& of, int64_t) { of = of.index_select(0, lanes); });
    const Tensor sound = play(signals_of(gathered), memory);
    std::vector<Tensor> left;
    each_of_one_side(memory, [&](Tensor& of, int64_t) { left.push_back(of); });
    auto next = left.begin();
    each_of_one_side(memory_, [&](Tensor& of, int64_t) { of.index_copy_(0, lanes, *next++); });
    return sound;
  }

  // Each layer's lanes, added up, into the groups' places.
  static void write_sums(std::span<const Playing> playing, const Gathered& gathered, const Tensor& sound) {
    const auto count = static_cast<int64_t>(playing.size());
    const int64_t quanta = gathered.quanta;
    const Tensor by_group = sound.view({count, group_lanes, 2, quanta, quantum_frames});
    const Tensor sums =
        at::einsum("gqsl,glcqn->gqscn", {gathered.layer_lanes, by_group}).to(at::kFloat).cpu().contiguous();
    constexpr int64_t slot_floats = 2 * quantum_frames;
    const int64_t floats = gathered.layer_lanes.size(2) * slot_floats;
    for (int64_t g = 0; g < count; ++g) {
      for (int64_t q = 0; q < quanta; ++q) {
        const float* from = sums.data_ptr<float>() + (g * quanta + q) * floats;
        std::copy(from, from + floats, playing[static_cast<size_t>(g)].out + q * group_lanes * slot_floats);
      }
    }
  }

  c10::Device device_;
  at::ScalarType real_;
  UnitMemory memory_;  // [groups × lanes, …]
};

}  // namespace

std::unique_ptr<DeviceSound> unit_sound(c10::Device device, size_t groups) {
  return std::make_unique<UnitSound>(device, groups);
}

}  // namespace auralis::voice
