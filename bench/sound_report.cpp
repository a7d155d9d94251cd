// SPDX-License-Identifier: MIT
// Measures the sound and draws it: one HTML page with plots, nothing loaded from elsewhere.
//   sound_report > report.html
// Voices are measured through the whole Renderer, as events in and sound out; effects and limiter by themselves.
#include <algorithm>
#include <cstdio>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "model/event.h"
#include "synth/fx/rig.h"
#include "synth/renderer.h"

namespace {

using namespace auralis;
using namespace auralis::test;
using P = MasterParam;
using V = VoiceParam;
using Points = std::vector<std::pair<double, double>>;

constexpr int rate = 44100;

std::string text(const char* format, double value) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, format, value);
  return buffer;
}

struct Axis {
  std::string label;
  double low, high;
  bool log = false;
  std::vector<double> ticks;

  double share(double x) const {
    const double s = log ? std::log(x / low) / std::log(high / low) : (x - low) / (high - low);
    return std::clamp(s, 0.0, 1.0);
  }
};

struct Series {
  std::string name;
  const char* color;
  Points points;
  bool dots = false;
};

void plot(const Axis& x, const Axis& y, const std::vector<Series>& all) {
  constexpr double left = 60, top = 16, width = 620, height = 260;
  const auto px = [&](double v) { return left + width * x.share(v); };
  const auto py = [&](double v) { return top + height * (1 - y.share(v)); };
  std::printf("<svg viewBox='0 0 700 340' role='img'>\n");
  for (double t : x.ticks) {
    std::printf(
        "<line class='grid' x1='%.1f' x2='%.1f' y1='%.0f' y2='%.0f'/><text x='%.1f' y='%.0f' "
        "class='x'>%s</text>\n",
        px(t), px(t), top, top + height, px(t), top + height + 16, text("%g", t).c_str());
  }
  for (double t : y.ticks) {
    std::printf(
        "<line class='grid' x1='%.0f' x2='%.0f' y1='%.1f' y2='%.1f'/><text x='%.0f' y='%.1f' "
        "class='y'>%s</text>\n",
        left, left + width, py(t), py(t), left - 6, py(t) + 4, text("%g", t).c_str());
  }
  std::printf(
      "<text x='%.0f' y='%.0f' class='x'>%s</text><text transform='translate(14 %.0f) rotate(-90)' "
      "class='x'>%s</text>\n",
      left + width / 2, top + height + 36, x.label.c_str(), top + height / 2, y.label.c_str());
  double key = left + 10;
  for (const Series& s : all) {
    if (s.dots) {
      for (const auto& [a, b] : s.points)
        std::printf("<circle cx='%.1f' cy='%.1f' r='3.5' fill='%s'/>", px(a), py(b), s.color);
    } else {
      std::printf("<polyline fill='none' stroke='%s' stroke-width='1.3' points='", s.color);
      for (const auto& [a, b] : s.points) std::printf("%.1f,%.1f ", px(a), py(b));
      std::printf("'/>");
    }
    std::printf("\n<text x='%.0f' y='%.0f' fill='%s'>%s</text>\n", key, top + 14, s.color, s.name.c_str());
    key += 10 + 7.2 * static_cast<double>(s.name.size());
  }
  std::printf("</svg>\n");
}

constexpr const char* blue = "#2b6cb0";
constexpr const char* red = "#c05621";
constexpr const char* green = "#2f855a";
constexpr const char* grey = "#718096";

const Axis hertz{"Hz", 20, 20000, true, {20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000}};

void heading(const std::string& title, const std::string& claim) {
  std::printf("<h2>%s</h2>\n<p>%s</p>\n", title.c_str(), claim.c_str());
}

// A patch with everything off but one oscillator, open.
Patch bare() {
  Patch p = default_patch();
  for (V v :
       {V::osc2_level, V::detune_cents, V::vibrato_cents, V::filter_lfo_oct, V::filter_vel_oct, V::key_track,
        V::pan_lfo_depth, V::delay_send, V::reverb_send, V::velocity_db, V::gain_db, V::resonance}) {
    p[v] = 0;
  }
  p[V::osc1_level] = 1;
  p[V::cutoff_hz] = 20000;
  p[V::attack_s] = 0.005f;
  p[V::sustain] = 1;
  p[V::gain_db] = -12;
  return p;
}

Signal play(const Patch& patch, double pitch, double seconds, double note_s) {
  RenderSettings settings;
  Renderer renderer(settings);
  renderer.push(StartEvent{});
  renderer.push(PatchEvent{0, "probe", patch});
  NoteEvent note;
  note.id = 1;
  note.layer = "probe";
  note.pitch = pitch;
  note.vel = 1;
  note.dur = note_s;
  renderer.push(note);
  EndEvent end;
  end.t = seconds;
  renderer.push(end);
  const int64_t frames = renderer.ready_frames();
  std::vector<float> stereo(2 * static_cast<size_t>(frames));
  renderer.render(frames, stereo.data());
  Signal left(static_cast<size_t>(frames));
  for (size_t n = 0; n < left.size(); ++n) left[n] = stereo[2 * n];
  return left;
}

// Decibels over the loudest of many bins, the loudest bin of each of 600 columns.
Points spectrum_points(const std::vector<double>& s, double top_hz = 20000, double reference = 0) {
  const double hz_per_bin = rate / 2.0 / static_cast<double>(s.size());
  if (reference == 0) reference = *std::max_element(s.begin(), s.end());
  Points points;
  for (int column = 0; column < 600; ++column) {
    const double low = 20 * std::pow(top_hz / 20, column / 600.0);
    const double high = 20 * std::pow(top_hz / 20, (column + 1) / 600.0);
    double most = 0;
    for (auto k = static_cast<size_t>(low / hz_per_bin);
         k <= static_cast<size_t>(high / hz_per_bin) && k < s.size(); ++k)
      most = std::max(most, s[k]);
    points.emplace_back(low, 10 * std::log10(most / reference + 1e-16));
  }
  return points;
}

void oscillators() {
  const struct {
    const char* name;
    float shape;
  } shapes[] = {{"Triangle", 1}, {"Saw", 2}, {"Pulse", 3}};
  for (const auto& shape : shapes) {
    double worst_db = -200;
    Series drawn{std::string(shape.name) + " at MIDI 96", blue, {}};
    for (double pitch : {60.0, 84.0, 96.0}) {
      Patch p = bare();
      p[V::osc1_shape] = shape.shape;
      const auto s = power_spectrum(play(p, pitch, 4, 4), rate, 1 << 16);
      const double f0 = midi_to_hz(pitch);
      double fundamental = 0, between = 0;
      for (size_t k = 40; k < s.size(); ++k) {
        const double hz = static_cast<double>(k) * rate / (1 << 16);
        if (hz > 16000) break;
        const double off = std::abs(hz - f0 * std::round(hz / f0));
        if (std::abs(hz - f0) < 4) fundamental = std::max(fundamental, s[k]);
        if (off > 30) between = std::max(between, s[k]);
      }
      worst_db = std::max(worst_db, 10 * std::log10(between / fundamental));
      drawn.points = spectrum_points(s);
    }
    heading(std::string(shape.name) + ": aliases",
            "Worst partial that is no harmonic, below 16 kHz, at MIDI 60, 84 and 96: <b>" +
                text("%.0f", worst_db) + " dB</b> under the fundamental.");
    plot(hertz, {"dB", -140, 5, false, {-120, -100, -80, -60, -40, -20, 0}}, {drawn});
  }
}

void filter() {
  std::vector<Series> all;
  const char* colors[] = {blue, red, green};
  const float resonances[] = {0, 0.4f, 0.8f};
  for (int i = 0; i < 3; ++i) {
    std::vector<double> ratio(1 << 12, 0.0);
    Patch p = bare();
    p[V::osc1_level] = 0;
    p[V::noise_level] = 1;
    const auto average = [&](const Patch& patch) {
      const Signal x = play(patch, 60, 20, 20);
      std::vector<double> sum(1 << 12, 0.0);
      for (size_t from = rate; from + (1 << 13) < x.size(); from += 1 << 12) {
        const auto s = power_spectrum(x, from, 1 << 13);
        for (size_t k = 0; k < sum.size(); ++k) sum[k] += s[k];
      }
      return sum;
    };
    const auto open = average(p);
    p[V::cutoff_hz] = 1000;
    p[V::resonance] = resonances[i];
    p[V::gain_db] = -30;
    const auto closed = average(p);
    Points points;
    for (size_t k = 4; k < ratio.size(); ++k) {
      points.emplace_back(static_cast<double>(k) * rate / (1 << 13),
                          10 * std::log10(closed[k] / open[k]) + 18);
    }
    all.push_back({"resonance " + text("%.1f", resonances[i]), colors[i], points});
  }
  heading("Filter",
          "White noise through the low-pass at 1 kHz, over the same noise with the filter at 20 kHz.");
  plot(hertz, {"dB", -60, 40, false, {-60, -40, -20, 0, 20, 40}}, all);
}

void envelope() {
  Patch p = bare();
  p[V::osc1_shape] = 0;
  p[V::attack_s] = 0.5f;
  p[V::decay_s] = 1;
  p[V::sustain] = 0.5f;
  p[V::release_s] = 2;
  const Signal x = play(p, 81, 6, 2.5);
  Points points;
  const double full = peak(x);
  for (size_t n = 0; n + 220 < x.size(); n += 220)
    points.emplace_back(static_cast<double>(n) / rate, gain_to_db(peak(x, n, n + 220) / full + 1e-6));
  heading("Envelope",
          "Attack 0.5 s, decay 1 s to half (&minus;6 dB), released at 2.5 s, release 2 s to &minus;60 dB.");
  plot({"s", 0, 6, false, {0, 1, 2, 3, 4, 5, 6}}, {"dB", -80, 2, false, {-80, -60, -40, -20, -6, 0}},
       {{"level", blue, points}});
}

void reverb() {
  Series asked{"asked", grey, {{0.9, 0.9}, {16, 16}}};
  Series middle{"1 kHz", blue, {}, true}, bass{"125 Hz, ratio 0.9", green, {}, true},
      treble{"8 kHz, ratio 0.4", red, {}, true};
  double worst = 0;
  for (double time : {1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0, 12.0, 15.0}) {
    MasterPatch patch = plain_master();
    patch[P::reverb_time_s] = static_cast<float>(time);
    patch[P::reverb_bass] = 0.9f;
    patch[P::reverb_treble] = 0.4f;
    patch[P::reverb_mod] = 0.4f;
    const Stereo x = Rig(rate, patch).run(time * 1.2, impulse(&Buses::reverb));
    const double found = decay_s(octave_band(x[0], 1000, rate), rate);
    worst = std::max(worst, std::abs(found / time - 1));
    middle.points.emplace_back(time, found);
    bass.points.emplace_back(time, decay_s(octave_band(x[0], 125, rate), rate));
    treble.points.emplace_back(time, decay_s(octave_band(x[0], 8000, rate), rate));
  }
  heading("Reverb time", "RT60 (T30) of octave bands over what was asked; at 1 kHz within <b>" +
                             text("%.1f", 100 * worst) + " %</b>.");
  plot({"asked, s", 0.9, 16, true, {1, 2, 4, 8, 15}}, {"found, s", 0.3, 16, true, {0.5, 1, 2, 4, 8, 15}},
       {asked, middle, bass, treble});

  const Stereo x = Rig(rate).run(2, impulse(&Buses::reverb));
  Points density;
  double reached_s = 0;
  for (double t = 0.01; t < 0.4; t += 0.002) {
    const double d = echo_density(x[0], static_cast<size_t>(t * rate), rate);
    if (d >= 1 && reached_s == 0) reached_s = t;
    density.emplace_back(1000 * t, d);
  }
  heading(
      "Echo density",
      "Normalised (Abel &amp; Huang 2006) from an impulse on; 1 is Gaussian noise, first reached after <b>" +
          text("%.0f", 1000 * reached_s) + " ms</b>.");
  plot({"ms", 0, 400, false, {0, 50, 100, 150, 200, 300, 400}}, {"", 0, 1.3, false, {0, 0.25, 0.5, 0.75, 1}},
       {{"left", blue, density}});

  MasterPatch even = plain_master();
  even[P::reverb_treble] = 1;
  even[P::reverb_bass] = 1;
  const Stereo late = Rig(rate, even).run(6, impulse(&Buses::reverb));
  heading("Late tail", "Spectrum from 2 to 5 s after an impulse, damping off: no mode stands out.");
  plot(hertz, {"dB", -60, 5, false, {-60, -40, -20, 0}},
       {{"left", blue, spectrum_points(power_spectrum(late[0], 2 * rate, 1 << 17))}});
}

void limiter() {
  MasterPatch patch = default_master_patch();
  EffectsControl control(rate);
  Limiter unit(rate);
  Points in_points, out_points, gain_points;
  std::vector<float> in_all, out_all;
  for (int64_t frame = 0; frame < rate; frame += quantum_frames) {
    alignas(64) StereoQuantum in;
    alignas(64) StereoQuantum out;
    for (int n = 0; n < quantum_frames; ++n) {
      const double t = static_cast<double>(frame + n) / rate;
      const double level = t > 0.2 && t < 0.3 ? 4 : 0.5;
      in[0][n] = in[1][n] = static_cast<float>(level * std::sin(2 * std::numbers::pi * 220 * t));
    }
    control.advance(patch, frame);
    unit.process(in, control.frame().limiter, out);
    in_all.insert(in_all.end(), in[0], in[0] + quantum_frames);
    out_all.insert(out_all.end(), out[0], out[0] + quantum_frames);
  }
  const auto late = static_cast<size_t>(unit.lookahead_frames());
  for (size_t n = 0; n + late + 220 < in_all.size(); n += 110) {
    const double t = 1000 * static_cast<double>(n) / rate;
    in_points.emplace_back(t, gain_to_db(peak(in_all, n, n + 220)));
    out_points.emplace_back(t, gain_to_db(peak(out_all, n + late, n + late + 220)));
  }
  heading("Limiter",
          "A tone 12 dB over full scale for 100 ms: level in, and out (ceiling &minus;1 dBTP), look-ahead "
          "taken out.");
  plot({"ms", 0, 1000, false, {0, 200, 400, 600, 800, 1000}},
       {"dB", -24, 14, false, {-24, -18, -12, -6, -1, 6, 12}},
       {{"in", grey, in_points}, {"out", blue, out_points}});
}

}  // namespace

int main() {
  std::printf(
      "<!doctype html><html lang='en'><meta charset='utf-8'><title>Auralis: sound, "
      "measured</title>\n<style>\n"
      "body{font:15px/1.5 system-ui,sans-serif;max-width:720px;margin:2em auto;padding:0 "
      "1em;color:#1a202c;background:#fff}\n"
      "svg{width:100%%;font-size:12px}.grid{stroke:#e2e8f0}.x{text-anchor:middle;fill:#4a5568}.y{text-anchor:"
      "end;fill:#4a5568}\n"
      "</style>\n<h1>Auralis: sound, measured</h1>\n<p>Version %s, 44.1 kHz, %s. Made by "
      "scripts/sound-report.</p>\n",
      AURALIS_VERSION, std::string(isa_name(best_isa())).c_str());
  oscillators();
  filter();
  envelope();
  reverb();
  limiter();
  std::printf("</html>\n");
}
