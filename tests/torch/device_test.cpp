// SPDX-License-Identifier: MIT
#include "torch/device.h"

#include <c10/core/CPUAllocator.h>
#include <c10/util/Exception.h>

#include <cmath>
#include <functional>
#include <new>
#include <variant>

#include "base/error.h"
#include "synth/pieces.h"
#include "synth/renderer.h"
#include "torch/doctest_after_torch.h"  // last

using namespace auralis;
using namespace auralis::testing;

namespace {

double units_apart_db(const std::vector<Event>& events) {
  const std::vector<float> kernel = rendered(events, {});
  const std::vector<float> units = rendered(events, {.device = open_device("units")});
  double error = 0.0;
  for (size_t n = 0; n < kernel.size(); ++n)
    error += std::pow(static_cast<double>(kernel[n]) - static_cast<double>(units[n]), 2.0);
  return 10.0 * std::log10(error / energy(kernel));
}

}  // namespace

TEST_CASE(
    "Voices made by LibTorch, as on a device other than the processor, agree with the kernel below -90 dB") {
  CHECK(units_apart_db(short_piece(1.5)) < -90.0);
}

TEST_CASE("So do those that are driven, and whose filters are steep, from block to block") {
  std::vector<Event> events = short_piece(1.5);
  for (Event& event : events) {
    auto* patch = std::get_if<PatchEvent>(&event);
    auto* sound = patch == nullptr ? nullptr : std::get_if<Patch>(&patch->params);
    if (sound == nullptr) continue;
    (*sound)[VoiceParam::pre_drive] = 0.4F;
    (*sound)[VoiceParam::post_drive] = 0.3F;
    (*sound)[VoiceParam::filter_slope_db] = 20.0F;
  }
  CHECK(units_apart_db(events) < -90.0);
}

TEST_CASE(
    "Devices: a missing one is an environment error, a misspelt one usage, and units are always there") {
  CHECK(list_devices().front() == "cpu");
  CHECK(open_device("units")->name() == "units");
  const auto exit_of = [](const char* name) {
    try {
      open_device(name);
    } catch (const Error& error) {
      return error.exit;
    }
    return Exit::done;
  };
  CHECK(exit_of("cuda:99") == Exit::environment);
  CHECK(exit_of("units:cuda:99") == Exit::environment);
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

TEST_CASE("A renderer whose device finds no memory while it renders says so in one line") {
  const auto says_so = [](const std::string& said) {
    CAPTURE(said);
    return said.starts_with(
               "device cpu has too little memory free (DefaultCPUAllocator: can't allocate memory: ") &&
           said.ends_with("; free some of it") && said.find('\n') == std::string::npos;
  };
  Renderer renderer({.device = open_device("units")});
  for (const Event& event : short_piece(1.0)) renderer.push(event);
  std::vector<float> sound(static_cast<size_t>(2 * 4096));
  CHECK(failure_of([&] { renderer.render(4096, sound.data()); }).empty());
  CHECK(says_so(failure_of([&] {
    const NoMemory none;
    renderer.render(4096, sound.data());
  })));
}

TEST_CASE("A renderer whose device finds no memory at the start says so in one line") {
  CHECK(failure_of([] {
          const NoMemory none;
          Renderer renderer({.device = open_device("units")});
        }).starts_with("device cpu has too little memory free ("));
}

TEST_CASE("Nothing is to be said of LibTorch's units before they are used") {
  CHECK(open_device("units")->warning().empty());
}
