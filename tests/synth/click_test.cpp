// SPDX-License-Identifier: MIT
// Nothing that happens to a sound makes a click, whenever it happens.
#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "model/layer.h"
#include "synth/clicks.h"
#include "synth/pieces.h"
#include "synth/voices.h"

using namespace auralis;
using namespace auralis::testing;

namespace {

using enum VoiceParam;
using Signal = std::vector<float>;

constexpr double frame_s = 1.0 / test_rate;

// Both sides, each with 50 ms of silence after its end.
struct Rendered {
  std::vector<ClickMeter> sides;

  double step_db(double from_s, double to_s) const {
    double worst = -200.0;
    for (const ClickMeter& side : sides) worst = std::max(worst, side.step_db(from_s, to_s));
    return worst;
  }
};

Signal side_of(const std::vector<float>& stereo, size_t side) {
  Signal x(stereo.size() / 2 + test_rate / 20, 0.0F);
  for (size_t n = 0; n < stereo.size() / 2; ++n) x[n] = stereo[2 * n + side];
  return x;
}

Rendered render(const std::vector<Event>& events, int max_voices = 64) {
  const std::vector<float> stereo = rendered(events, {.max_voices = max_voices});
  return {{ClickMeter(side_of(stereo, 0), test_rate), ClickMeter(side_of(stereo, 1), test_rate)}};
}

NoteEvent note(double t, uint64_t id, double dur, double pitch = 45.0) {
  return {t, id, "probe", pitch, 1.0, dur, 0.0};
}

std::vector<Event> piece(const Patch& patch) { return {StartEvent{}, PatchEvent{0.0, "probe", patch}}; }

}  // namespace

TEST_CASE("A step of -60 dBFS is found wherever it is planted, and a sound left alone has none") {
  std::vector<Event> events = piece(dark_patch());
  events.insert(events.end(), {note(0.0, 1, 3.0), EndEvent{2.0}});
  const Signal sound = side_of(rendered(events, {.max_voices = 64}), 0);
  CHECK(ClickMeter(sound, test_rate).step_db(0.1, 1.9) < -120.0);
  for (size_t at = 44100; at < 44100 + 64; ++at) {
    Signal planted = sound;
    for (size_t n = at; n < planted.size(); ++n) planted[n] += 0.001F;
    CHECK(ClickMeter(planted, test_rate).step_db(0.99, 1.02) > -63.0);
  }
}

TEST_CASE("A release of 50 ms or more makes no click on any frame, held or in the middle of the attack") {
  for (const float release : {0.05F, 0.4F}) {
    for (const double held : {0.15, 0.03, 0.001, 0.0}) {
      Patch patch = dark_patch();
      patch[release_s] = release;
      std::vector<Event> events = piece(patch);
      for (int k = 0; k < 64; ++k) {
        const double t = 0.1 + 0.5 * k;
        const double dur = held + k * frame_s;
        const auto id = static_cast<uint64_t>(k + 1);
        events.push_back(note(t, id, k % 2 == 0 ? dur : 100.0));
        if (k % 2 == 1) events.push_back(ReleaseEvent{t + dur, id});
      }
      events.push_back(EndEvent{33.0});
      const Rendered sound = render(events);
      CAPTURE(release);
      CAPTURE(held);
      for (int k = 0; k < 64; ++k) {
        const double t = 0.1 + 0.5 * k + held;
        CHECK(sound.step_db(t - 0.001, t + 0.02) < audible_step_db);
      }
    }
  }
}

TEST_CASE("Stealing a sounding voice makes no click on any frame, held or in the middle of its attack") {
  for (const float attack : {0.05F, 0.5F}) {
    Patch patch = dark_patch();
    patch[attack_s] = attack;
    std::vector<Event> events = piece(patch);
    for (int k = 0; k < 64; ++k)
      events.push_back(note(0.3 * k + k * frame_s, static_cast<uint64_t>(k + 1), 100.0, 40.0 + k % 7));
    events.push_back(EndEvent{20.0});
    const Rendered sound = render(events, 1);
    CAPTURE(attack);
    for (int k = 1; k < 64; ++k) CHECK(sound.step_db(0.3 * k - 0.005, 0.3 * k + 0.02) < audible_step_db);
  }
}

TEST_CASE("A lower limit of voices keeps the loudest, counts the rest, and makes no click on any frame") {
  Patch patch = dark_patch();
  patch[gain_db] = -30.0F;  // together as loud as one of the others, and below the limiter
  for (int k = 0; k < 64; ++k) {
    std::vector<Event> events = piece(patch);
    for (int i = 0; i < 12; ++i) {
      NoteEvent one = note(0.0, static_cast<uint64_t>(i + 1), 100.0, 40.0 + i);
      one.vel = 0.2 + 0.05 * i;
      events.push_back(one);
    }
    events.push_back(EndEvent{1.0});
    Renderer renderer({.max_voices = 64});
    for (const Event& event : events) renderer.push(event);
    std::vector<float> stereo(2 * static_cast<size_t>(renderer.ready_frames()));
    const int64_t before = test_rate / 2 + k;
    renderer.render(before, stereo.data());
    renderer.limit_voices(3);
    renderer.render(renderer.ready_frames(), stereo.data() + 2 * before);
    CHECK(renderer.figures().voices == 3);
    CHECK(renderer.figures().voices_shed == 9);
    CHECK(renderer.figures().voices_stolen == 0);
    const ClickMeter left(side_of(stereo, 0), test_rate);
    CHECK(left.step_db(0.49, 0.56) < audible_step_db);
  }
}

TEST_CASE("Any parameter of a layer may step from end to end of its range, and back before it is there") {
  for (size_t i = 0; i < voice_param_count; ++i) {
    const auto param = static_cast<VoiceParam>(i);
    const ParamInfo& info = voice_params[i];
    // Not louder than the rest of these tests, and no further than three octaves each way: what sweeps through the whole of
    // hearing in a bend's 10 ms is itself heard in every band.
    const double most = param == gain_db ? -9.0 : param == trim_db ? 0.0 : param == tune_st ? 36.0 : info.max;
    const double least = param == tune_st ? -36.0 : info.min;
    for (const bool up : {true, false}) {
      const double first = up ? least : most;
      const double other = up ? most : least;
      Patch patch = dark_patch();
      patch[param] = static_cast<float>(first);
      std::vector<Event> events = piece(patch);
      events.push_back(note(0.0, 1, 100.0));
      events.push_back(ChangeEvent{0.7, "probe", param, other, 0.0});
      events.push_back(ChangeEvent{1.0, "probe", param, first, 0.0});
      events.push_back(ChangeEvent{1.3, "probe", param, other, 0.0});
      events.push_back(ChangeEvent{1.307, "probe", param, first, 0.0});
      events.push_back(EndEvent{1.6});
      const Rendered sound = render(events);
      CAPTURE(info.name);
      CAPTURE(up);
      CHECK(sound.step_db(0.69, 0.76) < audible_step_db);
      CHECK(sound.step_db(0.99, 1.06) < audible_step_db);
      // Noise that is let in for a moment is itself what is heard in it.
      if (param != noise_level) CHECK(sound.step_db(1.29, 1.37) < audible_step_db);
    }
  }
}

TEST_CASE("A new patch under sounding notes makes no click, nor does one that is taken back at once") {
  const auto darkened = [](std::string_view layer) {
    Patch patch = builtin_patch(layer);
    patch[osc1_shape] = patch[osc2_shape] = patch[noise_level] = 0.0F;
    return patch;
  };
  for (const std::string_view from : layer_names()) {
    for (const std::string_view to : layer_names()) {
      if (from == to) continue;
      std::vector<Event> events = piece(darkened(from));
      events.push_back(ChangeEvent{0.0, "probe", attack_s, 0.05, 0.0});
      events.push_back(ChangeEvent{0.0, "probe", decay_s, 20.0, 0.0});
      events.push_back(note(0.1, 1, 100.0));
      events.push_back(note(0.1, 2, 100.0, 52.0));
      events.push_back(PatchEvent{1.5, "probe", darkened(to)});
      events.push_back(PatchEvent{2.0, "probe", darkened(from)});
      events.push_back(PatchEvent{2.01, "probe", darkened(to)});
      events.push_back(EndEvent{2.5});
      const Rendered sound = render(events);
      CAPTURE(from);
      CAPTURE(to);
      CHECK(sound.step_db(1.49, 1.6) < audible_step_db);
      CHECK(sound.step_db(1.99, 2.1) < audible_step_db);
    }
  }
}

TEST_CASE("The end of the stream makes no click under a sounding note, on any frame, loud or soft") {
  for (const double gain : {0.0, 18.0}) {
    for (int k = 0; k < 64; ++k) {
      std::vector<Event> events = piece(dark_patch());
      events.push_back(ChangeEvent{0.0, "master", MasterParam::gain_db, gain, 0.0});
      events.push_back(note(0.0, 1, 100.0));
      const double end_s = 0.4 + 7 * k * frame_s;
      events.push_back(EndEvent{end_s});
      CHECK(render(events).step_db(0.38, end_s + 0.04) < audible_step_db);
    }
  }
}

TEST_CASE("Any parameter of the effects and the limiter may step, again and again, while they work") {
  using P = MasterParam;
  for (size_t i = 0; i < master_param_count; ++i) {
    const auto param = static_cast<P>(i);
    if (param == P::tape_hiss_db) continue;  // all of it is as wide as a click; it glides as gain_db does
    const ParamInfo& info = master_params[i];
    for (const bool loud : {false, true}) {  // 12 dB into the limiter
      Patch patch = dark_patch();
      for (const VoiceParam send :
           {chorus_send, delay_send, reverb_send, cloud_send, resonator_send, spectral_send})
        patch[send] = 0.5F;
      if (!loud) patch[gain_db] = -12.0F;
      MasterPatch master = default_master_patch();
      master[P::cloud_level] = master[P::resonator_level] = master[P::spectral_level] = 0.5F;
      master[P::shimmer] = 0.3F;
      master[P::shimmer_st] = 0.5F;
      master[P::cloud_pitch_st] = 0.0F;
      if (loud) master[P::gain_db] = 12.0F;
      std::vector<Event> events = piece(patch);
      events.push_back(PatchEvent{0.0, "master", master});
      events.push_back(ChordEvent{0.0, "", "", {45, 52, 60}});
      events.push_back(note(0.0, 1, 100.0));
      const double most = param == P::gain_db ? (loud ? 12.0 : 0.0) : info.max;
      const auto step = [&](double t, int k) {
        events.push_back(ChangeEvent{t, "master", param, k % 2 == 0 ? most : info.min, 0.0});
      };
      for (int k = 0; k < 4; ++k) step(3.0 + 0.5 * k, k);
      for (int k = 0; k < 8; ++k) step(5.5 + 0.013 * k, k);  // within every crossfade
      events.push_back(EndEvent{7.0});
      const Rendered sound = render(events);
      CAPTURE(info.name);
      CAPTURE(loud);
      CHECK(sound.step_db(2.9, 5.4) < audible_step_db);
      CHECK(sound.step_db(5.4, 6.5) < audible_step_db);
    }
  }
}
