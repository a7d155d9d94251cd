// SPDX-License-Identifier: MIT
#include "synth/fx/tape/tape.h"

#include <algorithm>
#include <numbers>

#include "model/units.h"

namespace auralis {
namespace {

using P = MasterParam;
using std::numbers::pi;

struct Waver {
  P cents;
  double hz;
  double share;  // of the cents
  double turn;   // at the first frame
};
constexpr Waver wavers[] = {
    {P::tape_wow_cents, 0.31, 0.45, 0.0},     {P::tape_wow_cents, 0.53, 0.3, 0.37},
    {P::tape_wow_cents, 0.83, 0.25, 0.71},    {P::tape_flutter_cents, 5.3, 0.4, 0.13},
    {P::tape_flutter_cents, 7.9, 0.35, 0.59}, {P::tape_flutter_cents, 11.3, 0.25, 0.83}};

constexpr double nearest_frames = 3;  // what the interpolator needs
constexpr double least_drive = 0.05;
constexpr double silent_hiss_db = least(P::tape_hiss_db);

// How far one of them reaches either way, in seconds, so that the speed is off by its share of the cents at most.
double reach_s(const Waver& waver, double cents) {
  return waver.share * (semitones_to_ratio(cents / 100) - 1) / (2 * pi * waver.hz);
}

double longest_frames(double rate) {
  double s = 0;
  for (const Waver& waver : wavers) s += 2 * reach_s(waver, greatest(waver.cents));
  return nearest_frames + s * rate + quantum_frames;
}

// A low-pass of a third of the Nyquist frequency, through Blackman's window.
void design(float (&filter)[Tape::over][Tape::taps]) {
  constexpr int length = Tape::over * Tape::taps;
  constexpr double edge =
      0.3 / Tape::over;  // of the rate it runs at: twice that would be the frames' Nyquist frequency
  double weight[length];
  double sum = 0;
  for (int m = 0; m < length; ++m) {
    const double x = m - length / 2;
    const double turn = 2 * pi * m / length;
    const double window = 0.42 - 0.5 * maths::cos(turn) + 0.08 * maths::cos(2 * turn);
    weight[m] = window * (x == 0 ? 2 * edge : maths::sin(2 * pi * edge * x) / (pi * x));
    sum += weight[m];
  }
  for (int m = 0; m < length; ++m)
    filter[m % Tape::over][m / Tape::over] = static_cast<float>(weight[m] / sum);
}

}  // namespace

Tape::State::State(double rate) {
  for (Ring& ring : rings) ring = Ring(longest_frames(rate));
  design(filter);
}

double Tape::Control::lateness(const Smoothed& params, int64_t frame) const {
  double s = 0;
  for (const Waver& waver : wavers) {
    const double turn = waver.hz * static_cast<double>(frame) / rate_ + waver.turn;
    s += reach_s(waver, params.at(waver.cents)) * (1 + sine(turn));
  }
  return nearest_frames + s * rate_;
}

void Tape::Control::advance(const Smoothed& params, int64_t first_frame, Frame& frame) {
  if (started_ && params.still() && !frame.on) return;
  bool wanted = false;
  for (const P p : {P::tape_wow_cents, P::tape_flutter_cents, P::tape_drive_db})
    wanted = wanted || params.target(p) != 0 || params.at(p) != 0;
  frame.on = presence_.advance(wanted, frame.wet);
  if (frame.on) {
    const double from = late_ > 0 ? late_ : lateness(params, first_frame);
    late_ = lateness(params, first_frame + quantum_frames);
    frame.tap = make_tap(from, late_);
  } else {
    late_ = 0;
  }
  const bool driven = params.moved(P::tape_drive_db);
  const double drive_db = params.at(P::tape_drive_db);
  const auto drive = [&] { return std::max(least_drive, db_to_gain(drive_db) - 1); };
  frame.saturates = params.away(P::tape_drive_db, 0);
  frame.drive = drive_.advance(driven, drive);
  frame.makeup = makeup_.advance(driven, [&] { return 1 / drive(); });
  frame.saturated = saturated_.advance(driven, [&] { return std::min(drive_db, 1.0); });
  frame.hiss = hiss_.advance(params.moved(P::tape_hiss_db), [&] {
    const double db = params.at(P::tape_hiss_db);
    return db <= silent_hiss_db ? 0 : db_to_gain(db);
  });
  started_ = true;
}

}  // namespace auralis
