// SPDX-License-Identifier: MIT
#include "torch/voice/sounds.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "torch/device.h"
#include "torch/voice/units.h"

namespace auralis::voice {
namespace {

using at::Tensor;

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

class UnitSound : public DeviceSound {
 public:
  UnitSound(c10::Device device, size_t groups)
      : device_(device), real_(device.is_mps() ? at::kFloat : at::kDouble) {
    const c10::InferenceMode guard;
    const auto lanes = static_cast<int64_t>(groups * group_lanes);
    memory_ = {at::zeros({lanes, 1}, options()), at::zeros({lanes, 12}, options()),
               at::zeros({lanes, 6}, options()), at::zeros({lanes, 2}, options())};
  }

  void render(std::span<const Playing> playing, int quanta) override {
    if (!playing.empty()) on_device(device_, "rendering", [&] { play_chunk(playing, quanta); });
  }

 private:
  void play_chunk(std::span<const Playing> playing, int quanta);
  at::TensorOptions options() const { return at::TensorOptions().dtype(real_).device(device_); }

  c10::Device device_;
  at::ScalarType real_;
  UnitMemory memory_;  // [groups × lanes, …]
};

void UnitSound::play_chunk(std::span<const Playing> playing, int quanta) {
  const c10::InferenceMode guard;
  const auto count = static_cast<int64_t>(playing.size());
  const int64_t voices = count * group_lanes;

  // Gather what the records say: rows of float32 and int32, levels, and which lanes belong to which layer slot.
  Tensor rows = at::zeros({count, quanta, record_rows, group_lanes}, at::kFloat);
  const bool fine = std::any_of(playing.begin(), playing.end(), [quanta](const Playing& group) {
    for (int q = 0; q < quanta; ++q) {
      if ((group.recorded >> q & 1u) != 0 && group.records[q].fine) return true;
    }
    return false;
  });
  Tensor steps = at::zeros({count, fine ? quanta : 0, steps_rows, group_lanes}, at::kFloat);
  Tensor quick = at::zeros({count, quanta, 1, group_lanes}, at::kInt);
  Tensor levels = at::zeros({count, quanta, levels_rows, group_lanes}, at::kFloat);
  Tensor slots = at::zeros({count, quanta, group_lanes, group_lanes}, at::kFloat);
  std::vector<int64_t> lane_index;
  int64_t most_slots = 1;
  for (int64_t g = 0; g < count; ++g) {
    const Playing& group = playing[static_cast<size_t>(g)];
    for (int64_t lane = 0; lane < group_lanes; ++lane) {
      lane_index.push_back(static_cast<int64_t>(group.group) * group_lanes + lane);
    }
    for (int64_t q = 0; q < quanta; ++q) {
      if ((group.recorded >> q & 1u) == 0) continue;
      const Record& record = group.records[q];
      const int64_t at = g * quanta + q;
      std::memcpy(rows.data_ptr<float>() + at * record_rows * group_lanes, &record, sizeof(Record));
      std::memcpy(levels.data_ptr<float>() + at * levels_rows * group_lanes, group.levels[record.levels].rows,
                  sizeof(Levels::rows));
      if (record.fine) {
        std::memcpy(steps.data_ptr<float>() + at * steps_rows * group_lanes, &group.steps[q], sizeof(Steps));
        std::memcpy(quick.data_ptr<int32_t>() + at * group_lanes, record.quick, sizeof(record.quick));
      }
      most_slots = std::max<int64_t>(most_slots, record.layer_count);
      for (int slot = 0; slot < record.layer_count; ++slot) {
        float* mask = slots.data_ptr<float>() + (at * group_lanes + slot) * group_lanes;
        for (int lane = 0; lane < group_lanes; ++lane)
          mask[lane] = (record.layer_lanes[slot] >> lane & 1u) ? 1.0F : 0.0F;
      }
    }
  }
  const auto by_voice = [&](const Tensor& t) {  // [groups, quanta, rows, lanes] → [voices, quanta, rows]
    return t.to(device_).permute({0, 3, 1, 2}).reshape({voices, quanta, t.size(2)});
  };
  const Tensor bits = by_voice(rows.view(at::kInt)).to(at::kLong);
  const Tensor reals = by_voice(rows).to(real_);
  const Tensor level_values = by_voice(levels).to(real_);

  // Spread them over the frames.
  const Tensor is_quick = by_voice(quick) != 0;
  const Tensor own_bits = fine ? by_voice(steps.view(at::kInt)).to(at::kLong) : Tensor();
  const Tensor own_reals = fine ? by_voice(steps).to(real_) : Tensor();
  const auto each = [&](const Tensor& same, const Tensor& own, int64_t row) {
    const Tensor all = same.expand({voices, quanta, quantum_frames});
    return fine ? at::where(is_quick, own.narrow(2, row, quantum_frames), all) : all;
  };
  const auto before_each = [](const Tensor& x) { return at::cumsum(x, 2) - x; };
  const Tensor n = at::arange(quantum_frames, options());
  const Tensor whole_n = at::arange(quantum_frames, options().dtype(at::kLong));
  const auto real_row = [&](int64_t row) { return reals.narrow(2, row, 1); };
  const auto whole_row = [&](int64_t row) { return bits.narrow(2, row, 1); };
  const auto straight = [&](Ramp Record::*member) {
    const int64_t row = row_of(member);
    return (real_row(row) + real_row(row + 1) * n).flatten(1);
  };
  const auto ramp = [&](Ramp Record::*member, Fast(Steps::*own)[quantum_frames]) {
    const int64_t row = row_of(member);
    return (real_row(row) + before_each(each(real_row(row + 1), own_reals, row_of(own)))).flatten(1);
  };
  const auto increments = [&](Phase Record::*member, Whole(Steps::*own)[quantum_frames]) {
    const int64_t row = row_of(member);
    return whole_row(row + 1) + before_each(each(whole_row(row + 2), own_bits, row_of(own)));
  };
  constexpr double turn = 0x1.0p-32;
  const auto increment = [&](Phase Record::*member, Whole(Steps::*own)[quantum_frames]) {
    return at::clamp_min((increments(member, own).to(real_) * turn).flatten(1), 1e-9);
  };
  const auto phase = [&](Phase Record::*member, Whole(Steps::*own)[quantum_frames]) {
    const Tensor sum = whole_row(row_of(member)) + before_each(increments(member, own));
    return (at::bitwise_and(sum, at::Scalar(int64_t{0xffffffff})).to(real_) * turn).flatten(1);
  };
  const auto row = [&](Fast Record::*member) { return real_row(row_of(member)); };
  const auto shrinking = [&](Fast Record::*start, Fast Record::*factor) {
    return row(start) * at::pow(row(factor), n);
  };
  const Tensor root = attack_target + shrinking(&Record::attack_start, &Record::attack_factor);
  const Tensor held = row(&Record::sustain) + shrinking(&Record::decay_start, &Record::decay_factor);
  const Tensor faded = shrinking(&Record::release_start, &Record::release_factor);
  const Tensor sounding =
      at::where(n < row(&Record::attack_end), root * root, at::where(n < row(&Record::release), held, faded));

  Signals s;
  s.phase1 = phase(&Record::phase1, &Steps::phase1);
  s.phase2 = phase(&Record::phase2, &Steps::phase2);
  s.phase_sub = phase(&Record::phase_sub, &Steps::phase_sub);
  s.phase_fm = phase(&Record::phase_fm, &Steps::phase_fm);
  s.increment1 = increment(&Record::phase1, &Steps::phase1);
  s.increment2 = increment(&Record::phase2, &Steps::phase2);
  s.fm_depth = ramp(&Record::fm_depth, &Steps::fm_depth) * 0.5;
  s.cutoff_g = ramp(&Record::cutoff_g, &Steps::cutoff_g);
  s.left = straight(&Record::left);
  s.right = straight(&Record::right);
  for (int64_t level = 0; level < level_rows; ++level) {
    s.levels[level] =
        (level_values.narrow(2, 2 * level, 1) + level_values.narrow(2, 2 * level + 1, 1) * n).flatten(1);
  }
  s.amplitude = at::where(n < row(&Record::onset), at::zeros_like(sounding), sounding).flatten(1);
  s.noise_counter = (whole_row(row_of(&Record::noise_counter)) + whole_n).flatten(1);
  s.noise_key = (whole_row(row_of(&Record::noise_key)) + whole_n * 0).flatten(1);
  s.kept = at::logical_not(at::logical_and(whole_row(row_of(&Record::fresh)) != 0, whole_n == 0))
               .to(real_)
               .flatten(1);

  // Play, and add up each layer's lanes.
  const Tensor lanes = at::tensor(lane_index, at::kLong).to(device_);
  UnitMemory memory{memory_.modulation.index_select(0, lanes), memory_.stepped.index_select(0, lanes),
                    memory_.smooth.index_select(0, lanes), memory_.filter.index_select(0, lanes)};
  const Tensor sound = play(s, memory);
  memory_.modulation.index_copy_(0, lanes, memory.modulation);
  memory_.stepped.index_copy_(0, lanes, memory.stepped);
  memory_.smooth.index_copy_(0, lanes, memory.smooth);
  memory_.filter.index_copy_(0, lanes, memory.filter);
  const Tensor masks = slots.narrow(2, 0, most_slots).to(device_).to(real_);
  const Tensor by_group = sound.view({count, group_lanes, 2, quanta, quantum_frames});
  const Tensor sums = at::einsum("gqsl,glcqn->gqscn", {masks, by_group}).to(at::kFloat).cpu().contiguous();
  constexpr int64_t slot_floats = 2 * quantum_frames;
  for (int64_t g = 0; g < count; ++g) {
    for (int64_t q = 0; q < quanta; ++q) {
      const float* from = sums.data_ptr<float>() + (g * quanta + q) * most_slots * slot_floats;
      std::copy(from, from + most_slots * slot_floats,
                playing[static_cast<size_t>(g)].out + q * group_lanes * slot_floats);
    }
  }
}

}  // namespace

std::unique_ptr<DeviceSound> unit_sound(c10::Device device, size_t groups) {
  return std::make_unique<UnitSound>(device, groups);
}

}  // namespace auralis::voice
