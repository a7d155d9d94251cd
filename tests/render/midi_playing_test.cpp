// SPDX-License-Identifier: MIT
// MIDI files as they are heard: what is measured is the sound.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "compose/midi/midi_file.h"
#include "compose/preset/preset.h"
#include "compose/preset/preset_yaml.h"
#include "model/layer.h"
#include "synth/renderer.h"
#include "tiny_midi.h"

using namespace auralis;
using test::bytes;
using test::TinyTrack;

namespace {

constexpr int rate = 44100;

// Every layer the same sine, that begins and ends within a few milliseconds.
Preset tone(double fades_s = 0.02) {
  using enum VoiceParam;
  Preset preset = parse_preset("key: C\nmode: ionian", "tone.yaml");
  Patch sine = default_patch();
  for (const auto& [param, value] : {std::pair(osc1_shape, 0.0F),
                                     {osc2_level, 0.0F},
                                     {detune_cents, 0.0F},
                                     {vibrato_cents, 0.0F},
                                     {cutoff_hz, 20000.0F},
                                     {filter_vel_oct, 0.0F},
                                     {filter_lfo_oct, 0.0F},
                                     {key_track, 0.0F},
                                     {attack_s, 0.003F},
                                     {decay_s, 0.01F},
                                     {sustain, 1.0F},
                                     {pan_lfo_depth, 0.0F},
                                     {delay_send, 0.0F},
                                     {reverb_send, 0.0F},
                                     {resonance, 0.0F}}) {
    sine[param] = value;
  }
  sine[release_s] = static_cast<float>(fades_s);
  for (const Layer layer : all_layers) preset.layers[static_cast<size_t>(layer)].sound = sine;
  preset.master[MasterParam::reverb_time_s] = 0.3F;
  return preset;
}

struct Sound {
  std::vector<float> left, right;

  double length_s() const { return static_cast<double>(left.size()) / rate; }
  double level_db(double from_s, double to_s) const {
    return 10.0 * std::log10((power(left, from_s, to_s) + power(right, from_s, to_s)) / 2.0 + 1e-20);
  }
  double balance_db(double from_s, double to_s) const {  // right over left
    return 10.0 * std::log10((power(right, from_s, to_s) + 1e-20) / (power(left, from_s, to_s) + 1e-20));
  }
  // MIDI number of a sine, from the time between its first and last rise through 0.
  double pitch(double from_s, double to_s) const {
    std::vector<double> rises;
    for (auto i = static_cast<size_t>(from_s * rate); i + 1 < static_cast<size_t>(to_s * rate); ++i) {
      const auto a = static_cast<double>(left[i] + right[i]);
      const auto b = static_cast<double>(left[i + 1] + right[i + 1]);
      if (a < 0.0 && b >= 0.0) rises.push_back(static_cast<double>(i) + a / (a - b));
    }
    if (rises.size() < 2) return 0.0;
    const double hz = rate * static_cast<double>(rises.size() - 1) / (rises.back() - rises.front());
    return 69.0 + 12.0 * std::log2(hz / 440.0);
  }
  // Level of one pitch among others.
  double partial_db(double midi, double from_s, double to_s) const {
    const double turn = 2.0 * std::numbers::pi * 440.0 * std::exp2((midi - 69.0) / 12.0) / rate;
    const auto first = static_cast<size_t>(from_s * rate);
    const auto count = static_cast<size_t>((to_s - from_s) * rate);
    double re = 0.0;
    double im = 0.0;
    for (size_t i = 0; i < count; ++i) {
      const double window =
          1.0 - std::cos(2.0 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(count));
      const double x = window * static_cast<double>(left[first + i] + right[first + i]) / 2.0;
      re += x * std::cos(turn * static_cast<double>(i));
      im += x * std::sin(turn * static_cast<double>(i));
    }
    return 10.0 * std::log10(2.0 * (re * re + im * im) / static_cast<double>(count * count) + 1e-20);
  }

 private:
  static double power(const std::vector<float>& side, double from_s, double to_s) {
    double sum = 0.0;
    const auto first = static_cast<size_t>(from_s * rate);
    const auto last = std::min(side.size(), static_cast<size_t>(to_s * rate));
    for (size_t i = first; i < last; ++i) sum += static_cast<double>(side[i]) * static_cast<double>(side[i]);
    return sum / static_cast<double>(std::max<size_t>(1, last - first));
  }
};

Sound played(const std::string& file, const Preset& preset = tone()) {
  RenderSettings settings;
  settings.rate = rate;
  Renderer renderer(settings);
  for (const Event& event : events_from_midi(file, preset, "song.mid")) renderer.push(event);
  std::vector<float> stereo(static_cast<size_t>(2 * renderer.ready_frames()));
  renderer.render(renderer.ready_frames(), stereo.data());
  Sound sound;
  for (size_t i = 0; i < stereo.size(); i += 2) {
    sound.left.push_back(stereo[i]);
    sound.right.push_back(stereo[i + 1]);
  }
  return sound;
}

constexpr double silent_db = -90.0;
constexpr double sounding_db = -42.0;
const std::initializer_list<int> bend_up{0xe0, 0x7f, 0x7f};

// A sine has no step between samples that its highest pitch and level do not explain.
double steepest(const Sound& sound) {
  double steepest = 0.0;
  for (size_t i = 1; i < sound.left.size(); ++i) {
    steepest = std::max(steepest, static_cast<double>(std::abs(sound.left[i] - sound.left[i - 1])));
  }
  return steepest;
}

}  // namespace

TEST_CASE("A bend is heard while the note sounds, and moves it by the channel's range") {
  const Sound whole_tone =
      played(TinyTrack().at(0, {0x90, 60, 100}).at(0.5, bend_up).at(1, {0x80, 60, 64}).file());
  CHECK(std::abs(whole_tone.pitch(0.1, 0.5) - 60.0) < 0.01);
  CHECK(std::abs(whole_tone.pitch(0.52, 0.95) - 62.0) < 0.01);

  const auto ranged = [](int semitones, int cents) {
    return played(TinyTrack()
                      .at(0, {0xb0, 101, 0, 0, 100, 0, 0, 6, semitones, 0, 38, cents})
                      .at(0, {0x90, 60, 100})
                      .at(0.5, bend_up)
                      .at(1, {0x80, 60, 64})
                      .file());
  };
  CHECK(std::abs(ranged(12, 0).pitch(0.55, 0.95) - 72.0) < 0.01);
  CHECK(std::abs(ranged(1, 50).pitch(0.55, 0.95) - 61.5) < 0.01);
}

TEST_CASE("A slow bend rises without a step, and one in a note's release is heard there") {
  TinyTrack slide;
  slide.at(0, {0x90, 60, 100});
  for (int i = 1; i <= 64; ++i) slide.at(0.2 + i * 0.01, {0xe0, 0, 64 + std::min(63, i)});
  const Sound sound = played(slide.at(1.2, {0x80, 60, 64}).file());
  double before = sound.pitch(0.15, 0.2);
  for (double t = 0.2; t < 0.9; t += 0.05) {
    const double now = sound.pitch(t, t + 0.05);
    CHECK(now > before - 0.02);
    CHECK(now < before + 0.25);  // two semitones in 0.64 s
    before = now;
  }
  CHECK(std::abs(sound.pitch(0.95, 1.15) - 61.97) < 0.03);
  CHECK(steepest(sound) < 1.1 * steepest(played(TinyTrack().note(0, 1.2, 62).file())));

  const Sound released =
      played(TinyTrack().note(0, 0.5, 60).at(1, bend_up).at(2, {0x90, 90, 1}).file(), tone(6.0));
  CHECK(std::abs(released.pitch(0.6, 0.95) - 60.0) < 0.01);
  CHECK(std::abs(released.pitch(1.05, 1.9) - 62.0) < 0.01);
}

TEST_CASE("A bend moves its own channel alone, and its own port's") {
  const auto level_at_62 = [](const std::string& file) { return played(file).partial_db(62.0, 0.6, 0.95); };
  TinyTrack two;
  two.at(0, {0x90, 60, 100}).at(0, {0x91, 67, 100}).at(0.5, bend_up);
  const Sound sound = played(two.at(1, {0x80, 60, 64}).at(1, {0x81, 67, 64}).file());
  CHECK(sound.partial_db(62.0, 0.6, 0.95) > sound.partial_db(60.0, 0.6, 0.95) + 40.0);
  CHECK(sound.partial_db(67.0, 0.6, 0.95) > sound.partial_db(69.0, 0.6, 0.95) + 40.0);

  const auto on_port = [](int port) {
    const std::string bent =
        test::track(bytes({0, 0xff, 0x21, 1, port}) + TinyTrack().at(0.5, bend_up).body());
    return test::header(1, 2) + test::track(TinyTrack().note(0, 1, 60).body()) + bent;
  };
  CHECK(level_at_62(on_port(0)) > level_at_62(on_port(1)) + 40.0);
}

TEST_CASE("Coarse and fine tuning move the pitch") {
  const auto tuned = [](int parameter, int coarse, int fine) {
    return played(TinyTrack()
                      .at(0, {0xb0, 101, 0, 0, 100, parameter, 0, 6, coarse, 0, 38, fine})
                      .note(0, 0.5, 60)
                      .file())
        .pitch(0.1, 0.45);
  };
  CHECK(std::abs(tuned(2, 76, 0) - 72.0) < 0.01);
  CHECK(std::abs(tuned(1, 96, 0) - 60.5) < 0.01);
  CHECK(std::abs(tuned(1, 0, 0) - 59.0) < 0.01);
}

TEST_CASE("Volume and expression act while a note sounds, and 0 is silence") {
  for (const int controller : {7, 11}) {
    CAPTURE(controller);
    const Sound out = played(
        TinyTrack().at(0, {0x90, 60, 100}).at(0.5, {0xb0, controller, 0}).at(1.5, {0x80, 60, 0}).file());
    CHECK(out.level_db(0.1, 0.48) > sounding_db);
    CHECK(out.level_db(0.55, 1.5) < silent_db);
    const Sound in = played(TinyTrack()
                                .at(0, {0xb0, controller, 0})
                                .at(0, {0x90, 60, 100})
                                .at(0.5, {0xb0, controller, 100})
                                .at(1.5, {0x80, 60, 0})
                                .file());
    CHECK(in.level_db(0.0, 0.5) < silent_db);
    CHECK(in.level_db(0.55, 1.45) > sounding_db);
  }
  // General MIDI's curve: 40 log10(value / 127), and a volume of 100 is what a file without one has.
  const auto with_volume = [](int value) {
    return played(TinyTrack().at(0, {0xb0, 7, value}).note(0, 0.5, 60).file()).level_db(0.1, 0.45);
  };
  CHECK(std::abs(with_volume(100) - played(TinyTrack().note(0, 0.5, 60).file()).level_db(0.1, 0.45)) < 0.01);
  CHECK(std::abs(with_volume(50) - with_volume(100) + 40.0 * std::log10(2.0)) < 0.05);
}

TEST_CASE("A fade by many steps of volume has no click") {
  TinyTrack fade;
  fade.at(0, {0x90, 60, 100});
  for (int i = 100; i >= 0; i -= 4) fade.at(0.5 + (100 - i) * 0.01, {0xb0, 7, i});
  const Sound sound = played(fade.at(2, {0x80, 60, 0}).file());
  CHECK(steepest(sound) < 1.02 * steepest(played(TinyTrack().note(0, 1, 60).file())));
  double before = sound.level_db(0.3, 0.4);
  for (double t = 0.4; t < 1.5; t += 0.1) {
    const double now = sound.level_db(t, t + 0.1);
    CHECK(now < before + 0.05);
    before = now;
  }
  CHECK(sound.level_db(1.6, 2.0) < silent_db);
}

TEST_CASE("Pan moves a note that sounds to the other side") {
  const Sound sound = played(TinyTrack()
                                 .at(0, {0xb0, 10, 0})
                                 .at(0, {0x90, 60, 100})
                                 .at(0.5, {0xb0, 10, 127})
                                 .at(1, {0x80, 60, 0})
                                 .file());
  CHECK(sound.balance_db(0.1, 0.48) < -60.0);
  CHECK(sound.balance_db(0.55, 0.95) > 60.0);
  CHECK(std::abs(played(TinyTrack().note(0, 1, 60).file()).balance_db(0.1, 0.9)) < 0.01);
}

TEST_CASE("The modulation wheel is a vibrato, and none when it is back") {
  const auto span = [](const Sound& sound, double from_s, double to_s) {
    double lowest = 200.0;
    double highest = 0.0;
    for (double t = from_s; t + 0.02 < to_s; t += 0.01) {
      lowest = std::min(lowest, sound.pitch(t, t + 0.02));
      highest = std::max(highest, sound.pitch(t, t + 0.02));
    }
    return highest - lowest;
  };
  const Sound sound = played(TinyTrack()
                                 .at(0, {0x90, 72, 100})
                                 .at(0.5, {0xb0, 1, 127})
                                 .at(1.5, {0xb0, 1, 0})
                                 .at(2, {0x80, 72, 0})
                                 .file());
  CHECK(span(sound, 0.1, 0.5) < 0.02);
  CHECK(span(sound, 0.6, 1.5) > 0.6);  // half a semitone either way, less what 20 ms average out
  CHECK(span(sound, 1.6, 2.0) < 0.02);
}

TEST_CASE("All Notes Off waits for the pedal, All Sound Off for nothing") {
  const auto with = [](int controller, double release_s) {
    return played(TinyTrack()
                      .at(0, {0xb0, 64, 127})
                      .at(0, {0x90, 60, 100})
                      .at(0.5, {0xb0, controller, 0})
                      .at(2, {0xb0, 64, 0})
                      .note(2, 2.5, 72)
                      .file(),
                  tone(release_s));
  };
  const Sound notes_off = with(123, 0.02);
  CHECK(std::abs(notes_off.pitch(1.5, 1.95) - 60.0) < 0.01);
  CHECK(notes_off.level_db(1.5, 1.95) > sounding_db);
  CHECK(std::abs(notes_off.pitch(2.1, 2.4) - 72.0) < 0.01);
  const Sound sound_off = with(120, 8.0);
  CHECK(sound_off.level_db(0.4, 0.5) > sounding_db);
  CHECK(sound_off.level_db(0.65, 1.95) < -80.0);
}

TEST_CASE("All Sound Off ends a release that has begun") {
  const Sound sound =
      played(TinyTrack().note(0, 0.5, 60).at(1, {0xb0, 120, 0}).at(2, {0x90, 72, 1}).file(), tone(8.0));
  CHECK(sound.level_db(0.9, 1.0) > sounding_db);
  CHECK(sound.level_db(1.15, 1.95) < -80.0);
}

TEST_CASE("Drums of one tick sound like drums of a quarter of a second") {
  const auto drums = [](double length_s) {
    TinyTrack track;
    for (int i = 0; i < 4; ++i) track.note(0.5 * i, 0.5 * i + length_s, 36, 9);
    return track.file();
  };
  for (const Preset& preset : {tone(), parse_preset("key: C\nmode: ionian", "default.yaml")}) {
    const Sound ticks = played(drums(1.0 / 960.0), preset);
    const Sound quarters = played(drums(0.25), preset);
    for (int i = 0; i < 4; ++i) {
      CAPTURE(i);
      CHECK(quarters.level_db(0.5 * i, 0.5 * i + 0.5) > sounding_db);
      CHECK(std::abs(ticks.level_db(0.5 * i, 0.5 * i + 0.5) - quarters.level_db(0.5 * i, 0.5 * i + 0.5)) <
            1.0);
    }
  }
}

TEST_CASE("Tempos an hour behind the last note are no hour of silence") {
  const std::string tempo = bytes({0xff, 0x51, 3, 7, 0xa1, 0x20});
  const Sound sound = played(TinyTrack().note(0, 1, 60).at(3600, tempo).file());
  CHECK(sound.length_s() > 1.0);
  CHECK(sound.length_s() < 15.0);
}
