// SPDX-License-Identifier: MIT
#include "synth/renderer.h"

#include <c10/core/CPUAllocator.h>
#include <c10/util/Exception.h>
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <new>

#include "base/error.h"
#include "model/layer.h"
#include "model/rng.h"
#include "synth/device.h"
#include "synth/voices.h"

using namespace auralis;
using namespace auralis::testing;

namespace {

std::vector<Event> short_piece(double seconds = 3.0) {
  std::vector<Event> events{StartEvent{.seed = "1", .preset = "test", .key = "D", .mode = "dorian"}};
  Rng rng(5);
  uint64_t id = 0;
  events.push_back(PatchEvent{0.0, "lead", builtin_patch("lead")});
  for (double t = 0.0; t < seconds; t += rng.uniform(0.0, 0.2)) {
    const auto layer = std::string(layer_names()[rng.index(layer_names().size())]);
    events.push_back(NoteEvent{t, ++id, layer, rng.uniform(36.0, 84.0), rng.uniform(), rng.uniform(0.05, 2.0),
                               rng.uniform(-1.0, 1.0)});
    if (rng.chance(0.2)) events.push_back(ReleaseEvent{t, 1 + rng.index(id)});
    if (rng.chance(0.2))
      events.push_back(ChangeEvent{t, layer, VoiceParam::cutoff_hz, rng.uniform(200.0, 5000.0), 0.5});
    if (rng.chance(0.1)) events.push_back(ChordEvent{t, "Dm", "i", {50.0, 57.0, 62.0, 65.0}});
    if (rng.chance(0.1)) events.push_back(ChangeEvent{t, "master", MasterParam::resonator_level, 0.5, 0.1});
  }
  events.push_back(EndEvent{seconds});
  return events;
}

std::vector<float> rendered(const std::vector<Event>& events, RenderSettings settings, int64_t block) {
  settings.device = "cpu";
  Renderer renderer(settings);
  for (const Event& event : events) renderer.push(event);
  std::vector<float> all(static_cast<size_t>(2 * renderer.ready_frames()));
  const auto frames = static_cast<int64_t>(all.size() / 2);
  for (int64_t at = 0; at < frames; at += block) {
    renderer.render(std::min(block, frames - at), all.data() + 2 * at);
  }
  CHECK(renderer.finished());
  return all;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

double energy(const std::vector<float>& x) {
  double sum = 0.0;
  for (float v : x) sum += static_cast<double>(v) * static_cast<double>(v);
  return sum;
}

}  // namespace

TEST_CASE(
    "The output is the same, bit for bit, for blocks of 64, 441 and 4410 frames, a whole block, and any "
    "threads") {
  const std::vector<Event> events = short_piece();
  const std::vector<float> whole = rendered(events, {}, 1 << 30);
  CHECK(whole.size() == 2 * 3 * 44100);
  CHECK(energy(whole) > 1.0);
  for (int64_t block : {64, 441, 4410}) CHECK(same_bits(whole, rendered(events, {}, block)));
  for (int threads : {2, 3}) CHECK(same_bits(whole, rendered(events, {.threads = threads}, 4410)));
  CHECK(same_bits(whole, rendered(events, {.isa = Isa::baseline}, 4410)));
}

TEST_CASE(
    "Voices made by LibTorch, as on a device other than the processor, agree with the kernel below -90 dB") {
  const std::vector<Event> events = short_piece(1.5);
  const std::vector<float> kernel = rendered(events, {}, 1 << 30);
  const std::vector<float> units = rendered(events, {.units = true}, 1 << 30);
  double error = 0.0;
  for (size_t n = 0; n < kernel.size(); ++n)
    error += std::pow(static_cast<double>(kernel[n]) - static_cast<double>(units[n]), 2.0);
  CHECK(10.0 * std::log10(error / energy(kernel)) < -90.0);
}

TEST_CASE("Events that come just in time give the same sound as events that were all there before") {
  const std::vector<Event> events = short_piece();
  const std::vector<float> whole = rendered(events, {}, 1 << 30);
  Renderer live({.device = "cpu"});
  std::vector<float> all(whole.size());
  int64_t done = 0;
  for (const Event& event : events) {
    live.push(event);
    const int64_t ready = live.ready_frames();
    live.render(ready, all.data() + 2 * done);
    done += ready;
  }
  CHECK(live.finished());
  CHECK(same_bits(whole, all));
  CHECK(live.figures().late_events == 0);
  CHECK(live.figures().events == events.size());
}

TEST_CASE("A promise is kept ready but for the look-ahead, and the end makes everything ready") {
  Renderer renderer({.device = "cpu"});
  renderer.push(StartEvent{});
  CHECK(renderer.ready_frames() == 0);
  renderer.push(AdvanceEvent{1.0});
  CHECK(renderer.ready_frames() > 44100 - 1024);
  CHECK(renderer.ready_frames() <= 44100);
  renderer.push(EndEvent{1.0});
  CHECK(renderer.ready_frames() == 44100);
  CHECK_FALSE(renderer.finished());
}

TEST_CASE(
    "Stems sum to the mix while the limiter has nothing to do, and a layer that comes late was silent "
    "before") {
  std::vector<Event> events{StartEvent{}};
  events.push_back(ChangeEvent{0.0, "master", MasterParam::gain_db, -12.0, 0.0});
  events.push_back(NoteEvent{0.0, 1, "pad", 55.0, 0.6, 1.0, -0.5});
  events.push_back(NoteEvent{1.0, 2, "bells", 79.0, 0.6, 0.5, 0.5});
  events.push_back(EndEvent{2.0});
  Renderer renderer({.device = "cpu", .stems = true});
  for (const Event& event : events) renderer.push(event);
  double error = 0.0, loudness = 0.0, early_bells = 0.0, late_bells = 0.0;
  std::vector<float> block(2 * 1000);
  for (int64_t at = 0; at < 88200; at += 1000) {
    const int64_t frames = std::min<int64_t>(1000, 88200 - at);
    renderer.render(frames, block.data());
    for (size_t n = 0; n < static_cast<size_t>(2 * frames); ++n) {
      double sum = 0.0;
      for (size_t layer = 0; layer < renderer.layers().size(); ++layer) {
        sum += static_cast<double>(renderer.stem(layer)[n]);
      }
      error += std::pow(sum - static_cast<double>(block[n]), 2.0);
      loudness += std::pow(sum, 2.0);
      if (renderer.layers().size() == 2) {
        const double bell = std::abs(static_cast<double>(renderer.stem(1)[n]));
        (at + static_cast<int64_t>(n / 2) < 44100 ? early_bells : late_bells) += bell;
      }
    }
  }
  CHECK(renderer.layers() == std::vector<std::string>{"pad", "bells"});
  CHECK(10.0 * std::log10(error / loudness) < -100.0);
  CHECK(early_bells == 0.0);
  CHECK(late_bells > 1.0);
}

TEST_CASE("A fader at -60 dB is silence, and the effects' sends follow the layer's level") {
  Patch patch = builtin_patch("pad");
  patch[VoiceParam::trim_db] = -60.0F;
  std::vector<Event> events{StartEvent{}, PatchEvent{0.0, "pad", patch},
                            NoteEvent{0.0, 1, "pad", 50.0, 1.0, 1.0, 0.0}, EndEvent{1.0}};
  CHECK(energy(rendered(events, {}, 4096)) == 0.0);
}

TEST_CASE(
    "Devices: the processor is always there, a missing one is an environment error, a misspelt one usage") {
  CHECK(list_devices().front() == "cpu");
  CHECK(Renderer({.device = "cpu"}).device_name() == "cpu");
  const auto exit_of = [](const char* name) {
    try {
      find_device(name);
    } catch (const Error& error) {
      return error.exit;
    }
    return Exit::done;
  };
  CHECK(exit_of("auto") == Exit::done);
  CHECK(exit_of("cuda:99") == Exit::environment);
  CHECK(exit_of("gpu") == Exit::usage);
  CHECK(exit_of("cuda:") == Exit::usage);
  CHECK(exit_of("cuda:-1") == Exit::usage);
}

namespace {

// What the command would print; empty where nothing failed, or not as an environment that did.
std::string failure_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.exit == Exit::environment ? error.what() : "";
  }
  return {};
}

std::string failure_on(const char* device, const std::function<void()>& f) {
  return failure_of([&] { on_device(c10::Device(device), "rendering", f); });
}

// No memory for LibTorch on the processor, for as long as it lives. Which allocate() overrides LibTorch's, and whether
// copy_data() does, depends on its version.
class NoMemory : public c10::Allocator {
 public:
  NoMemory() : before_(c10::GetCPUAllocator()) { c10::SetCPUAllocator(this); }
  ~NoMemory() override { c10::SetCPUAllocator(before_); }
  NoMemory(const NoMemory&) = delete;
  NoMemory& operator=(const NoMemory&) = delete;

  c10::DataPtr allocate(size_t bytes) const { fail(bytes); }
  c10::DataPtr allocate(size_t bytes) { fail(bytes); }
  void copy_data(void*, const void*, size_t) const {}

 private:
  [[noreturn]] static void fail(size_t bytes) {
    TORCH_CHECK(false,
                "[enforce fail at alloc_cpu.cpp:75] err == 0. DefaultCPUAllocator: can't allocate memory: ",
                "you tried to allocate ", bytes, " bytes. Error code 12 (Cannot allocate memory)\nframe #0");
    throw std::bad_alloc();
  }
  c10::Allocator* before_;
};

}  // namespace

TEST_CASE("What LibTorch throws becomes one line: the device, what failed, and a way out") {
  CHECK(failure_on("cuda:1",
                   [] {
                     TORCH_CHECK_WITH(
                         OutOfMemoryError, false,
                         "CUDA out of memory. Tried to allocate 2.50 GiB. GPU 1 has a total capacity of "
                         "9 GiB of which 1 MiB is free. Process 7 has 8 GiB memory in use.");
                   }) ==
        "device cuda:1 has too little memory free (CUDA out of memory. Tried to allocate 2.50 GiB); free "
        "some of it, "
        "or give --device cpu");
  CHECK(failure_on("cuda:0",
                   [] {
                     TORCH_CHECK(
                         false, "CUDA error: an illegal memory access was encountered\n",
                         "CUDA kernel errors might be asynchronously reported at some other API call.\n");
                   }) ==
        "device cuda:0 failed while rendering (CUDA error: an illegal memory access was encountered); "
        "give --device cpu");
  CHECK(failure_on("cpu", [] { throw std::bad_alloc(); }) ==
        "device cpu has too little memory free (while rendering); free some of it");
  CHECK(failure_on("cpu", [] { TORCH_CHECK(false, "The size of tensor a (3) must match.\nmore"); }) ==
        "device cpu failed while rendering (The size of tensor a (3) must match); please report it");
}

TEST_CASE("What is not LibTorch's passes the boundary as it is, and so does what is answered") {
  CHECK(on_device(c10::Device("cpu"), "rendering", [] { return 7; }) == 7);
  CHECK_THROWS_AS(on_device(c10::Device("cpu"), "rendering", [] { throw ClosedPipe(); }), ClosedPipe);
  CHECK(failure_on("cpu", [] { throw Error(Exit::environment, "ours"); }) == "ours");
}

TEST_CASE("A renderer whose device finds no memory says so in one line") {
  const auto says_so = [](const std::string& said) {
    CAPTURE(said);
    return said.starts_with(
               "device cpu has too little memory free (DefaultCPUAllocator: can't allocate memory: ") &&
           said.ends_with("; free some of it") && said.find('\n') == std::string::npos;
  };
  Renderer renderer({.device = "cpu", .units = true});
  for (const Event& event : short_piece(1.0)) renderer.push(event);
  std::vector<float> sound(static_cast<size_t>(2 * 4096));
  CHECK(failure_of([&] { renderer.render(4096, sound.data()); }).empty());
  CHECK(says_so(failure_of([&] {
    const NoMemory none;
    renderer.render(4096, sound.data());
  })));
}

TEST_CASE("A CUDA device without the kernels is warned of, and nothing else is") {
  CHECK(device_warning(c10::Device("cpu")).empty());
  const std::string warning = device_warning(c10::Device("cuda:0"));
#ifdef AURALIS_CUDA
  CHECK(warning.empty());
#else
  CHECK(warning.find("device cuda:0: this build has no CUDA kernels") == 0);
  CHECK(warning.find("slow") != std::string::npos);
#endif
}
