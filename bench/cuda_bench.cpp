// SPDX-License-Identifier: MIT
// What a CUDA device makes of many notes and many pieces side by side. Prints a table: how many seconds of voices and
// of stereo mixes it makes in a second, from the notes in host memory to the sound on the device and, with the copy,
// back in host memory. torchsynth's published figure is 16,200 voice-seconds per second (Turian et al., DAFx 2021).
//   cuda_bench [DEVICE]
#include <ATen/Functions.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/layer.h"
#include "model/rng.h"
#include "synth/renderer.h"
#include "torch/device.h"
#include "torch/voice/note_batch.h"

namespace {

using namespace auralis;
using namespace auralis::voice;

constexpr int rate = 44100;
constexpr double seconds = 4.0;
constexpr auto quanta = static_cast<int64_t>(seconds * rate / quantum_frames) + 1;

// torchsynth's voice: a sine, a square-saw, noise, envelopes and LFOs; our filter runs as well, wide open.
Patch plain_voice() {
  using enum VoiceParam;
  Patch patch = default_patch();
  patch[osc1_shape] = 0.0F;
  patch[osc2_shape] = 2.5F;
  patch[sub_level] = 0.0F;
  patch[noise_level] = 0.1F;
  patch[filter_shape] = 0.0F;
  patch[cutoff_hz] = 20000.0F;
  patch[filter_env_oct] = 0.0F;
  patch[filter_lfo_oct] = 0.0F;
  patch[fm_index] = 0.0F;
  return patch;
}

// Two saws, sub, resonant low-pass with envelope and LFO, vibrato, moving position.
Patch full_voice() {
  Patch patch = builtin_patch("pad");
  patch[VoiceParam::sub_level] = 0.3F;
  patch[VoiceParam::resonance] = 0.4F;
  return patch;
}

struct Work {
  std::vector<Track> tracks;
  std::vector<TrackNote> notes;
  int outputs;
};

// Every voice sounds for the whole time; `together` of them make one output.
Work work_of(const Patch& patch, int outputs, int together) {
  Rng chance(1, "cuda bench");
  Work work{.tracks = {}, .notes = {}, .outputs = outputs};
  for (int output = 0; output < outputs; ++output) {
    work.tracks.push_back({"pad", output, {{0, patch}}});
    for (int i = 0; i < together; ++i) {
      work.notes.push_back({output,
                            0,
                            {.id = chance.next(),
                             .layer = 0,
                             .pitch = 36.0 + 48.0 * chance.uniform(),
                             .vel = 0.3 + 0.7 * chance.uniform(),
                             .pan = chance.uniform() - 0.5,
                             .onset = static_cast<int>(chance.uniform() * quantum_frames),
                             .frames = static_cast<int64_t>(seconds * rate)}});
    }
  }
  return work;
}

double now_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct Times {
  double host_s, play_s, copied_s;
};

Times median_times(const Work& work, c10::Device device, const at::Tensor& host) {
  std::vector<double> prepared, played, copied;
  for (int run = 0; run < 6; ++run) {
    double start = now_s();
    play_notes(work.tracks, work.notes, work.outputs, 1, rate, device);
    c10::cuda::device_synchronize();
    prepared.push_back(now_s() - start);
    start = now_s();
    const at::Tensor sound = play_notes(work.tracks, work.notes, work.outputs, quanta, rate, device);
    c10::cuda::device_synchronize();
    played.push_back(now_s() - start);
    host.copy_(sound);
    copied.push_back(now_s() - start);
    if (run == 0) prepared.clear(), played.clear(), copied.clear();  // modules load, memory is taken
  }
  const auto median = [](std::vector<double>& times) {
    std::nth_element(times.begin(), times.begin() + 2, times.end());
    return times[2];
  };
  return {median(prepared), median(played), median(copied)};
}

// Times real time, of one thread.
double piece_speed(const std::string& where, int pads) {
  constexpr double length = 10.0;
  const std::shared_ptr<const Device> device = where == "cpu" ? nullptr : open_device(where);
  Renderer renderer({.device = device, .max_voices = 512});
  renderer.push(StartEvent{});
  renderer.push(PatchEvent{0.0, "pad", full_voice()});
  for (int i = 0; i < pads; ++i) {
    renderer.push(NoteEvent{0.0, static_cast<uint64_t>(i), "pad", 40.0 + i % 40, 0.6, length, 0.0});
  }
  renderer.push(EndEvent{length});
  std::vector<float> block(2 * 4410);
  renderer.render(4410, block.data());
  const double start = now_s();
  while (!renderer.finished()) {
    renderer.render(std::min<int64_t>(4410, renderer.ready_frames()), block.data());
  }
  return (length - 0.1) / (now_s() - start);
}

void measure(c10::Device device) {
  const c10::cuda::CUDAGuard guard(device);
  std::printf("%s, %.0f s notes, median of 5\n", at::cuda::getDeviceProperties(device.index())->name,
              seconds);
  std::printf("%-46s %10s %10s %14s %14s\n", "", "set-up ms", "ms", "x real time", "with copy");
  const auto row = [&](const char* what, const Patch& patch, int outputs, int together) {
    const Work work = work_of(patch, outputs, together);
    const at::Tensor host = at::empty({outputs, 2, quanta * quantum_frames},
                                      at::TensorOptions().dtype(at::kFloat).pinned_memory(true));
    const Times times = median_times(work, device, host);
    const std::string name = std::to_string(outputs) + " " + what;
    std::printf("%-46s %10.1f %10.1f %14.0f %14.0f\n", name.c_str(), times.host_s * 1e3, times.play_s * 1e3,
                outputs * seconds / times.play_s, outputs * seconds / times.copied_s);
    std::fflush(stdout);
  };
  for (const int batch : {64, 1024, 8192}) {
    row("voices, torchsynth's modules", plain_voice(), batch, 1);
    row("voices, two saws, filter, modulation", full_voice(), batch, 1);
  }
  for (const int pieces : {1, 64, 2048}) row("stereo mixes of 24 full voices", full_voice(), pieces, 24);

  std::printf("\n%-46s %14s %14s\n", "one piece through the renderer, effects and all", "cpu", "cuda");
  for (const int pads : {24, 96, 256}) {
    std::printf("%-46s %14.0f %14.0f\n", (std::to_string(pads) + " pad voices").c_str(),
                piece_speed("cpu", pads), piece_speed(device.str(), pads));
  }
}

}  // namespace

int main(int argc, char** argv) try {
  const c10::Device device = find_device(argc > 1 ? argv[1] : "cuda");
  if (!device.is_cuda()) throw Error(Exit::usage, "expected cuda or cuda:N");
  on_device(device, "measuring", [device] { measure(device); });
} catch (const Error& error) {
  std::fprintf(stderr, "cuda_bench: %s\n", error.what());
  return static_cast<int>(error.exit);
}
