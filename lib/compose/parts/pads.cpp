// SPDX-License-Identifier: MIT
// The harmony: every voice of the chord breathes by itself, and what both chords share sounds on.
#include <algorithm>
#include <array>
#include <cmath>

#include "compose/parts/part.h"

namespace auralis {
namespace {

constexpr size_t most_voices = 6;
constexpr double ask_again_s = 2.0;         // while it may not play
constexpr double least_left_s = 0.5;        // a note with less left is not kept, nor let go early
constexpr double least_before_quiet = 0.3;  // of the piece, or two seconds: too little to begin in
constexpr double least_before_quiet_s = 2.0;
constexpr double near_change_s = 4.0;     // a note that would end so near a change ends with it, or after it
constexpr double tied_share = 0.8;        // of the shortest chord, that a note may last into it
constexpr double last_note_s = 3.0;       // before a change: a note that ends later is the chord's last
constexpr Range overlap_share{0.5, 1.0};  // of the preset's overlap
constexpr Range rest_s{3.0, 9.0};
constexpr double rest_in_thin_music = 1.5;  // factor on the preset's chance; less by the density
constexpr double shortest_note_s = 1.0;
constexpr double entry_stagger_s = 0.3;  // from voice to voice, when a listener brings them in
constexpr Range crossfade_s{0.5, 4.0};   // of two notes of a voice: the attack, within these

class Pads : public CopyablePart<Pads> {
 public:
  PartTraits traits() const override { return {.voices = most_voices}; }
  void begin(const Moment&, Player&) override {}  // the first chord wakes them

  void chord_begins(const Moment& moment, Player& player) override {
    const double overlap_s = moment.preset().pad.overlap_s;
    const size_t count = std::min(moment.chord.voicing.size(), most_voices);
    std::array<Voice, most_voices> voices{};
    std::array<bool, most_voices> kept{};
    for (size_t i = 0; i < count; ++i) {
      voices[i].pitch = moment.chord.voicing[i];
      for (size_t j = 0; j < most_voices; ++j) {
        if (voices_[j].pitch != voices[i].pitch || voices_[j].end_s <= moment.now_s + least_left_s || kept[j])
          continue;
        voices[i] = voices_[j];
        kept[j] = true;
        break;
      }
    }
    for (size_t j = 0; j < most_voices; ++j) {
      if (!kept[j] && voices_[j].end_s > moment.now_s + overlap_s + least_left_s)
        player.release(voices_[j].id, moment.now_s + overlap_s);
    }
    voices_ = voices;
    for (size_t i = 0; i < most_voices; ++i) {
      if (i >= count) {
        player.sleep(i);
      } else if (voices_[i].id == 0) {
        player.wake(moment.now_s + moment.preset().pad.stagger_s * player.rng.uniform(), i);
      } else if (voices_[i].end_s < moment.quiet_from_s) {
        player.wake(voices_[i].end_s - cross_s(moment), i);
      }
    }
  }

  void play(size_t i, const Moment& moment, Player& player) override {
    Voice& voice = voices_[i];
    const double now_s = moment.now_s;
    if (voice.pitch < 0) return;
    if (!moment.active)
      return player.wake(std::max(now_s + ask_again_s, moment.state.switch_of(Layer::pad).entry_s), i);
    const double least_s = std::min(least_before_quiet_s, least_before_quiet * moment.state.time.sound_end_s);
    if (moment.quiet || moment.quiet_from_s - now_s < least_s) return;  // the next chord wakes it
    const double change_s = moment.next.t_s;
    const std::vector<int>& next = moment.next.voicing;
    const bool stays = std::find(next.begin(), next.end(), voice.pitch) != next.end();
    const double end_s = draw_end_s(moment, player.rng, stays);
    voice.id = player.play(voice.pitch, player.rng.uniform(), end_s - now_s);
    voice.end_s = voice.id != 0 ? std::min(whole_us(end_s), moment.quiet_from_s) : now_s;
    if (voice.id == 0) return;
    const bool rests = player.rng.chance(moment.preset().pad.rest * (rest_in_thin_music - moment.density));
    const double pause_s = rests ? player.rng.uniform(rest_s.low, rest_s.high) : 0.0;
    if (voice.end_s >= moment.quiet_from_s) return;  // the last note before a silence holds to it
    if (voice.end_s < change_s - last_note_s || stays)
      player.wake(std::max(voice.end_s - cross_s(moment) + pause_s, now_s + shortest_note_s), i);
  }

  void silence_planned(double from_s) override {
    for (Voice& voice : voices_) voice.end_s = std::min(voice.end_s, from_s);
  }

  void let_go(double t_s) override {
    for (Voice& voice : voices_) {
      voice.end_s = std::min(voice.end_s, t_s);
      voice.id = 0;
    }
  }

  void enter(const Moment& moment, Player& player) override {
    const size_t count = std::min(moment.chord.voicing.size(), most_voices);
    for (size_t i = 0; i < count; ++i)
      player.wake(moment.now_s + entry_stagger_s * static_cast<double>(i), i);
  }

  void cross(const Moment& moment, Player&, bool, double) override {
    for (Voice& voice : voices_) {
      if (voice.pitch >= 0 && !moment.state.scale.contains(voice.pitch)) voice = {};
    }
  }

 private:
  struct Voice {
    int pitch = -1;
    uint64_t id = 0;     // of its note; 0 where it has none
    double end_s = 0.0;  // of its note
  };

  static double cross_s(const Moment& moment) {
    return std::clamp<double>(moment.plan.sound[VoiceParam::attack_s], crossfade_s.low, crossfade_s.high);
  }

  // When the note ends that begins now: with the chord, or well into the next where it belongs there, too.
  static double draw_end_s(const Moment& moment, Rng& rng, bool stays) {
    const double change_s = moment.next.t_s;
    const double drawn_s = moment.note_s(rng);
    const double overlap_s =
        moment.preset().pad.overlap_s * rng.uniform(overlap_share.low, overlap_share.high);
    double end_s = moment.now_s + drawn_s;
    if (!stays && end_s > change_s - near_change_s) end_s = change_s + overlap_s;
    if (stays && std::abs(end_s - change_s) < near_change_s) end_s = change_s + near_change_s;
    if (stays) end_s = std::min(end_s, change_s + tied_share * Progression::chord_s(moment.state).low);
    return end_s;
  }

  std::array<Voice, most_voices> voices_{};
};

}  // namespace

std::unique_ptr<Part> make_pad(uint64_t) { return std::make_unique<Pads>(); }

}  // namespace auralis
