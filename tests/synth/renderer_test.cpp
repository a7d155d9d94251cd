// SPDX-License-Identifier: MIT
#include "synth/renderer.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>

#include "base/error.h"
#include "model/layer.h"
#include "synth/device.h"
#include "synth/pieces.h"

using namespace auralis;
using namespace auralis::testing;

namespace {

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
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
    "Blocks that are taken while the next is made are the same bits, for any threads, and so are their "
    "stems") {
  const std::vector<Event> events = short_piece();
  const std::vector<float> whole = rendered(events, {}, 1 << 30);
  std::vector<std::vector<float>> alone;  // of one thread, by layer
  for (const int threads : {1, 2, 3}) {
    for (const int64_t block : {100, 8192}) {
      CAPTURE(threads);
      CAPTURE(block);
      Renderer renderer({.threads = threads, .stems = true});
      for (const Event& event : events) renderer.push(event);
      std::vector<float> all;
      std::vector<std::vector<float>> stems;
      const Renderer::Take take = [&](std::span<const float> stereo) {
        if (stereo.size() != static_cast<size_t>(2 * block))
          CHECK(all.size() + stereo.size() == whole.size());
        stems.resize(renderer.layers().size());
        for (size_t i = 0; i < stems.size(); ++i) {
          stems[i].resize(all.size());
          stems[i].insert(stems[i].end(), renderer.stem(i), renderer.stem(i) + stereo.size());
        }
        all.insert(all.end(), stereo.begin(), stereo.end());
        return true;
      };
      CHECK(renderer.render(renderer.ready_frames(), block, take) == 3 * 44100);
      CHECK(renderer.finished());
      CHECK(same_bits(whole, all));
      if (alone.empty()) alone = stems;
      REQUIRE(alone.size() == stems.size());
      for (size_t i = 0; i < stems.size(); ++i) CHECK(same_bits(alone[i], stems[i]));
    }
  }
}

TEST_CASE("Who takes no more blocks is handed no more, and what was made by then is not lost") {
  const std::vector<Event> events = short_piece();
  const std::vector<float> whole = rendered(events, {}, 1 << 30);
  for (const int threads : {1, 2}) {
    CAPTURE(threads);
    Renderer renderer({.threads = threads});
    for (const Event& event : events) renderer.push(event);
    std::vector<float> all;
    const Renderer::Take two_blocks = [&](std::span<const float> stereo) {
      all.insert(all.end(), stereo.begin(), stereo.end());
      return all.size() < 2 * 2000;
    };
    CHECK(renderer.render(renderer.ready_frames(), 1000, two_blocks) == 2000);
    CHECK(renderer.ready_frames() == 3 * 44100 - 2000);
    const size_t had = all.size();
    all.resize(whole.size());
    renderer.render(renderer.ready_frames(), all.data() + had);
    CHECK(same_bits(whole, all));
  }
}

TEST_CASE("Events that come just in time give the same sound as events that were all there before") {
  const std::vector<Event> events = short_piece();
  const std::vector<float> whole = rendered(events, {}, 1 << 30);
  Renderer live{RenderSettings{}};
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
  Renderer renderer{RenderSettings{}};
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
  Renderer renderer({.stems = true});
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

TEST_CASE("Without a device the processor renders, and a misspelt device's name is a usage error") {
  CHECK(Renderer(RenderSettings{}).device_name() == "cpu");
  const auto refused = [](const char* name) {
    try {
      check_device_name(name);
    } catch (const Error& error) {
      return error.exit == Exit::usage;
    }
    return false;
  };
  for (const char* name : {"auto", "cpu", "cuda", "cuda:99", "mps", "units", "units:cuda:0"}) {
    CAPTURE(name);
    CHECK_FALSE(refused(name));
  }
  for (const char* name : {"gpu", "cuda:", "cuda:-1", "cuda:x", "units:", "units:gpu", ""}) {
    CAPTURE(name);
    CHECK(refused(name));
  }
}

TEST_CASE("A copy of a renderer goes on with the same bytes, whatever becomes of the original") {
  const std::vector<Event> events = short_piece();
  for (const bool stems : {false, true}) {
    for (const int threads : {1, 2}) {
      CAPTURE(stems);
      CAPTURE(threads);
      Renderer original({.threads = threads, .stems = stems});
      for (const Event& event : events) original.push(event);
      std::vector<float> head(2 * 50001);
      original.render(50001, head.data());
      Renderer copy = original;
      std::vector<float> rest(2 * (3 * 44100 - 50001));
      std::vector<float> again(rest.size());
      original.render(static_cast<int64_t>(rest.size() / 2), rest.data());
      copy.render(static_cast<int64_t>(again.size() / 2), again.data());
      CHECK(energy(rest) > 0.1);
      CHECK(same_bits(rest, again));
      CHECK(copy.finished());
      CHECK(copy.figures().peak_voices == original.figures().peak_voices);
      REQUIRE(copy.layers() == original.layers());
      for (size_t layer = 0; stems && layer < copy.layers().size(); ++layer) {
        CHECK(std::memcmp(copy.stem(layer), original.stem(layer), rest.size() * sizeof(float)) == 0);
      }
    }
  }
}

TEST_CASE("From one snapshot, two endings: what is pushed into a copy is not heard in the original") {
  Renderer original{RenderSettings{}};
  original.push(StartEvent{});
  original.push(NoteEvent{0.0, 1, "pad", 55.0, 0.6, 4.0, 0.0});
  original.push(AdvanceEvent{1.0});
  std::vector<float> head(static_cast<size_t>(2 * original.ready_frames()));
  original.render(original.ready_frames(), head.data());
  const Renderer snapshot = original;
  const auto ending = [](Renderer renderer, bool with_bell) {
    if (with_bell) renderer.push(NoteEvent{1.0, 2, "bells", 79.0, 0.9, 0.5, 0.0});
    renderer.push(EndEvent{2.0});
    std::vector<float> rest(static_cast<size_t>(2 * renderer.ready_frames()));
    renderer.render(renderer.ready_frames(), rest.data());
    return rest;
  };
  const std::vector<float> plain = ending(snapshot, false);
  CHECK(energy(plain) > 0.01);
  CHECK_FALSE(same_bits(plain, ending(snapshot, true)));
  CHECK(same_bits(plain, ending(snapshot, false)));
  CHECK(same_bits(plain, ending(std::move(original), false)));
}
