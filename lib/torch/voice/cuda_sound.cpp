// SPDX-License-Identifier: MIT
#include <ATen/Functions.h>
#include <ATen/core/Tensor.h>
#include <c10/core/InferenceMode.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <cuda_runtime_api.h>

#include <algorithm>

#include "torch/device.h"
#include "torch/voice/cuda_kernels.h"
#include "torch/voice/sounds.h"

namespace auralis::voice {
namespace {

constexpr int64_t slot_floats = 2 * quantum_frames;

// The same rows here, in memory that the device can read at full speed, and there. The copies are CUDA's own: LibTorch's
// would note the stream for when the memory is freed, and throw from there once the device has failed.
template <typename Row>
struct Mirror {
  Mirror(int64_t rows, c10::Device device)
      : here(at::empty({rows * static_cast<int64_t>(sizeof(Row))},
                       at::TensorOptions().dtype(at::kByte).pinned_memory(true))),
        there(at::empty_like(here, at::TensorOptions().device(device).pinned_memory(false))) {}

  Row* data() { return static_cast<Row*>(here.data_ptr()); }
  Row* device() { return static_cast<Row*>(there.data_ptr()); }
  void send(int64_t rows, cudaStream_t stream, int64_t first = 0) {
    C10_CUDA_CHECK(
        cudaMemcpyAsync(device() + first, data() + first, bytes(rows), cudaMemcpyHostToDevice, stream));
  }
  void fetch(int64_t rows, cudaStream_t stream) {
    C10_CUDA_CHECK(cudaMemcpyAsync(data(), device(), bytes(rows), cudaMemcpyDeviceToHost, stream));
  }

  static size_t bytes(int64_t rows) { return static_cast<size_t>(rows) * sizeof(Row); }
  at::Tensor here, there;
};

// A moment of a stream, on the device's clock.
class Moment {
 public:
  Moment() { C10_CUDA_CHECK(cudaEventCreate(&event_)); }
  ~Moment() { C10_CUDA_CHECK_WARN(cudaEventDestroy(event_)); }
  Moment(const Moment&) = delete;
  Moment& operator=(const Moment&) = delete;

  void record(cudaStream_t stream) { C10_CUDA_CHECK(cudaEventRecord(event_, stream)); }
  // Both have passed.
  double since_s(const Moment& earlier) const {
    float ms = 0.0f;
    C10_CUDA_CHECK(cudaEventElapsedTime(&ms, earlier.event_, event_));
    return ms * 1e-3;
  }

 private:
  cudaEvent_t event_{};
};

class CudaSound : public DeviceSound {
 public:
  CudaSound(c10::Device device, size_t groups, int chunk, int level_sets)
      : device_(device),
        chunk_(chunk),
        level_sets_(level_sets),
        records_(rows(groups, chunk), device),
        steps_(rows(groups, chunk), device),
        unison_(rows(groups, chunk), device),
        levels_(rows(groups, level_sets), device),
        recorded_(rows(groups, 1), device),
        places_(rows(groups, 1), device),
        out_(rows(groups, chunk) * group_lanes * slot_floats, device),
        sounds_(at::zeros({rows(groups, 1) * static_cast<int64_t>(sizeof(Sound))},
                          at::TensorOptions().dtype(at::kByte).device(device))),
        frames_(at::empty({rows(groups, chunk) * group_lanes * slot_floats},
                          at::TensorOptions().dtype(at::kFloat).device(device))) {}

  Spent render(std::span<const Playing> groups, int quanta) override {
    Spent spent;
    if (!groups.empty()) on_device(device_, "rendering", [&] { spent = play_chunk(groups, quanta); });
    return spent;
  }

 private:
  Spent play_chunk(std::span<const Playing> groups, int quanta) {
    const c10::InferenceMode inference;
    const c10::cuda::CUDAGuard guard(device_);
    const cudaStream_t stream = c10::cuda::getCurrentCUDAStream(device_.index()).stream();
    const auto count = static_cast<int64_t>(groups.size());
    sending_.record(stream);
    int slots = 1;
    for (int64_t i = 0; i < count; ++i) {
      const Playing& group = groups[static_cast<size_t>(i)];
      int sets = 0;
      for (int q = 0; q < quanta; ++q) {
        if ((group.recorded >> q & 1u) == 0) continue;
        const Record& record = group.records[q];
        const int64_t at = i * chunk_ + q;
        records_.data()[at] = record;
        if (record.any_per_frame) {
          steps_.data()[at] = group.steps[q];
          steps_.send(1, stream, at);
        }
        if (record.unison) {
          unison_.data()[at] = group.unison[q];
          unison_.send(1, stream, at);
        }
        slots = std::max(slots, record.layer_count);
        sets = std::max(sets, record.levels + 1);
      }
      std::copy(group.levels, group.levels + sets, levels_.data() + i * level_sets_);
      recorded_.data()[i] = group.recorded;
      places_.data()[i] = static_cast<int32_t>(group.group);
    }
    records_.send(count * chunk_, stream);
    levels_.send(count * level_sets_, stream);
    recorded_.send(count, stream);
    places_.send(count, stream);
    playing_.record(stream);
    const cuda::Records work{.records = records_.device(),
                             .steps = steps_.device(),
                             .unison = unison_.device(),
                             .levels = levels_.device(),
                             .recorded = recorded_.device(),
                             .places = places_.device(),
                             .sounds = static_cast<Sound*>(sounds_.data_ptr()),
                             .frames = frames_.data_ptr<float>(),
                             .out = out_.device(),
                             .groups = static_cast<int>(count),
                             .chunk = chunk_,
                             .level_sets = level_sets_,
                             .quanta = quanta,
                             .slots = slots};
    C10_CUDA_CHECK(static_cast<cudaError_t>(cuda::play_records(work, stream)));
    fetching_.record(stream);
    out_.fetch(count * quanta * slots * slot_floats, stream);
    fetched_.record(stream);
    C10_CUDA_CHECK(cudaStreamSynchronize(stream));
    for (int64_t i = 0; i < count * quanta; ++i) {
      const float* from = out_.data() + i * slots * slot_floats;
      std::copy(from, from + slots * slot_floats,
                groups[static_cast<size_t>(i / quanta)].out + i % quanta * group_lanes * slot_floats);
    }
    return {fetching_.since_s(playing_), playing_.since_s(sending_) + fetched_.since_s(fetching_)};
  }

  static int64_t rows(size_t groups, int each) { return static_cast<int64_t>(groups) * each; }

  c10::Device device_;
  int chunk_, level_sets_;
  Mirror<Record> records_;
  Mirror<Steps> steps_;
  Mirror<UnisonRecord> unison_;
  Mirror<Levels> levels_;
  Mirror<uint32_t> recorded_;
  Mirror<int32_t> places_;
  Mirror<float> out_;
  at::Tensor sounds_, frames_;
  Moment sending_, playing_, fetching_, fetched_;
};

}  // namespace

std::unique_ptr<DeviceSound> cuda_sound(c10::Device device, size_t groups, int chunk, int level_sets) {
  const c10::cuda::CUDAGuard guard(device);  // page-locked memory belongs to the current device's context
  return std::make_unique<CudaSound>(device, groups, chunk, level_sets);
}

}  // namespace auralis::voice
