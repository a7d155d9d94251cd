// SPDX-License-Identifier: MIT
#include <cstdlib>
#include <utility>

#include "compose/piece.h"

namespace auralis {

// ---- pads: every voice of the chord breathes by itself; what both chords share sounds on

void Composer::Piece::move_pads() {
  const double overlap_s = preset_.pad.overlap_s;
  std::array<PadSlot, most_pad_voices> slots{};
  const size_t count = std::min(current_.voicing.size(), most_pad_voices);
  std::array<bool, most_pad_voices> kept{};
  for (size_t i = 0; i < count; ++i) {
    slots[i].pitch = current_.voicing[i];
    for (size_t j = 0; j < most_pad_voices; ++j) {
      if (slots_[j].pitch != slots[i].pitch || slots_[j].end <= now_ + 0.5 || kept[j]) continue;
      slots[i] = slots_[j];
      kept[j] = true;
      break;
    }
  }
  for (size_t j = 0; j < most_pad_voices; ++j) {
    if (!kept[j] && slots_[j].end > now_ + overlap_s + 0.5) release(slots_[j].id, now_ + overlap_s);
  }
  slots_ = slots;
  for (size_t i = 0; i < most_pad_voices; ++i) {
    if (i >= count) {
      wake_[pad + i] = never;
    } else if (slots_[i].id != 0) {
      if (slots_[i].end < quiet_from()) wake(pad + i, slots_[i].end - pad_cross_s());
    } else {
      wake(pad + i, now_ + preset_.pad.stagger_s * pad_rng_.uniform());
    }
  }
}

void Composer::Piece::run_pad(size_t slot_index) {
  PadSlot& slot = slots_[slot_index];
  const size_t part = pad + slot_index;
  if (slot.pitch < 0) return;
  if (!active(Layer::pad))
    return wake(part, std::max(now_ + 2.0, layers_[static_cast<size_t>(Layer::pad)].entry_s));
  if (quiet() || quiet_from() - now_ < std::min(2.0, 0.3 * sound_end_)) return;  // the next chord wakes it
  const double change_s = next_.t;
  const bool stays = std::find(next_.voicing.begin(), next_.voicing.end(), slot.pitch) != next_.voicing.end();
  const double drawn = preset_.layer(Layer::pad).note_s.at(pad_rng_.uniform());
  const double overlap = preset_.pad.overlap_s * pad_rng_.uniform(0.5, 1.0);
  double end = now_ + drawn;
  if (!stays && end > change_s - 4.0) end = change_s + overlap;
  if (stays && std::abs(end - change_s) < 4.0) end = change_s + 4.0;
  if (stays) end = std::min(end, change_s + 0.8 * chord_range().low);
  slot.id = play(Layer::pad, slot.pitch, pad_rng_.uniform(), end - now_, pad_rng_);
  slot.end = slot.id ? std::min(micro(end), quiet_from()) : now_;
  if (!slot.id) return;
  const bool rests = pad_rng_.chance(preset_.pad.rest * (1.5 - density()));
  const double rest = rests ? pad_rng_.uniform(3.0, 9.0) : 0.0;
  if (slot.end >= quiet_from()) return;  // the last note before a silence holds to it
  if (slot.end < change_s - 3.0 || stays) wake(part, std::max(slot.end - pad_cross_s() + rest, now_ + 1.0));
}

// ---- drone

void Composer::Piece::run_drone() {
  if (!active(Layer::drone)) return wake(drone, now_ + 2.0);
  if (quiet()) return wake(drone, quiet_over());
  const int bass = bass_of(current_);
  const int next_bass = bass_of(next_);
  if (drone_pitch_class_ != bass) {
    for (const Sounding& note : sounding_) {
      if (note.layer == Layer::drone && note.end > now_ + preset_.drone.overlap_s + 0.5)
        releases_.push_back(note.id);
    }
    for (uint64_t id : std::exchange(releases_, {})) release(id, now_ + preset_.drone.overlap_s);
  }
  const Range& pitches = preset_.layer(Layer::drone).pitches;
  int pitch = static_cast<int>(pitches.low);
  while (wrap(pitch, 12) != bass) ++pitch;
  double end = now_ + preset_.layer(Layer::drone).note_s.at(drone_rng_.uniform());
  if (bass != next_bass && end > next_.t - 4.0) end = next_.t + 0.7 * preset_.drone.overlap_s;
  const double stress = drone_rng_.uniform();
  play(Layer::drone, pitch, stress, end - now_, drone_rng_);
  const int fifth = pitch + fifth_st;
  if (drone_rng_.chance(preset_.drone.fifth) && fifth <= static_cast<int>(pitches.high) + fifth_st &&
      agrees(current_.chord, fifth) && (end <= next_.t || agrees(next_.chord, fifth))) {
    play(Layer::drone, fifth, 0.5 * stress, end - now_, drone_rng_);
  }
  drone_pitch_class_ = bass;
  if (end >= quiet_from()) return wake(drone, quiet_from());
  double again = end - preset_.drone.overlap_s;
  if (bass != next_bass) again = std::min(again, next_.t);
  wake(drone, std::max(again, now_ + 2.0));
}

// ---- lead, and the bells that answer it

MelodyMoment Composer::Piece::moment_for(Layer layer) const {
  const Range& pitches = preset_.layer(layer).pitches;
  const int shift = register_shift(now_) / 2;
  MelodyMoment moment;
  moment.scale = scale_;
  moment.chord = &current_.chord;
  moment.next = next_.t == never ? nullptr : &next_.chord;
  moment.until_next_s = next_.t == never ? never : next_.t - now_;
  moment.until_quiet_s = quiet_from() - now_;
  moment.beat_s = beat_s();
  moment.low = static_cast<int>(pitches.low) + shift;
  moment.high = static_cast<int>(pitches.high) + shift;
  moment.centre = static_cast<int>(std::lround(pitches.at(0.5)));
  moment.intensity = intensity_;
  return moment;
}

void Composer::Piece::run_lead() {
  const LayerPlan& plan = preset_.layer(Layer::lead);
  if (!active(Layer::lead)) {
    melody_.break_off();
    return wake(lead, now_ + 4.0);
  }
  if (quiet()) return wake(lead, quiet_over() + lead_rng_.uniform(1.0, 6.0));
  const MelodyMoment moment = moment_for(Layer::lead);
  if (moment.until_quiet_s < 1.5) {
    melody_.break_off();
    return wake(lead, now_ + moment.until_quiet_s);
  }
  if (melody_.phrase_over()) {
    melody_.begin_phrase(preset_.melody, moment);
    lead_grid_ = now_;
  }
  MelodySource* source = settings_.melody == MelodyKind::transformer ? settings_.source : nullptr;
  const Melody::Note note = melody_.next(preset_.melody, moment, source);
  play(Layer::lead, note.pitch, note.stress, note.dur_s, lead_rng_);
  lead_grid_ += (note.beats + note.rest_beats) * beat_s();
  if (melody_.phrase_over()) {
    const double rest = rest_s(preset_.melody.rest_s, plan.pace, lead_rng_);
    if (active(Layer::bells) && lead_rng_.chance(preset_.melody.answer)) {
      answer_ = melody_.answer();
      std::reverse(answer_.begin(), answer_.end());
      wake(bells, lead_grid_ + 2.0 * beat_s() + humanised(bells_rng_));
    }
    return wake(lead, lead_grid_ + rest);
  }
  wake(lead, std::max(lead_grid_ + humanised(lead_rng_), now_ + 0.08));
}

int Composer::Piece::chord_tone_near(Layer layer, int pitch) const {
  const Range& pitches = preset_.layer(layer).pitches;
  const int lowest = static_cast<int>(pitches.low);
  const int highest = std::max(static_cast<int>(pitches.high), lowest + 11);
  int best = lowest;
  for (int p = lowest, least = 1000; p <= highest; ++p) {
    if (!current_.chord.contains(p) || std::abs(p - pitch) >= least) continue;
    least = std::abs(p - pitch);
    best = p;
  }
  return best;
}

double Composer::Piece::strike(Layer layer, int near, Rng& rng) {
  const double dur_s = preset_.layer(layer).note_s.at(rng.uniform());
  const int pitch = chord_tone_near(layer, near);
  play(layer, pitch, rng.uniform(), fitting(pitch, dur_s), rng);
  return dur_s;
}

void Composer::Piece::run_bells() {
  const LayerPlan& plan = preset_.layer(Layer::bells);
  if (!active(Layer::bells)) {
    answer_.clear();
    return wake(bells, now_ + 3.0);
  }
  if (quiet()) return wake(bells, quiet_over() + bells_rng_.uniform(1.0, 8.0));
  if (!answer_.empty()) {
    const MotifNote note = answer_.back();
    answer_.pop_back();
    if (note.offset == 0) answer_base_ = scale_.nearest_index(any_pitch(Layer::bells, bells_rng_));
    strike(Layer::bells, scale_.pitch_at(answer_base_ + note.offset), bells_rng_);
    if (!answer_.empty())
      return wake(bells, std::max(now_ + note.beats * beat_s() + humanised(bells_rng_), now_ + 0.1));
  } else {
    strike(Layer::bells, any_pitch(Layer::bells, bells_rng_), bells_rng_);
    if (bells_rng_.chance(0.45)) {
      const double beats = 0.5 * static_cast<double>(1 + bells_rng_.index(5));
      return wake(bells, std::max(now_ + beats * beat_s() + humanised(bells_rng_), now_ + 0.1));
    }
  }
  wake(bells, now_ + rest_s({9.0, 30.0}, plan.pace, bells_rng_));
}

// ---- texture and percussion

void Composer::Piece::run_texture() {
  const LayerPlan& plan = preset_.layer(Layer::texture);
  if (!active(Layer::texture)) return wake(texture, now_ + 3.0);
  if (quiet()) return wake(texture, quiet_over() + texture_rng_.uniform(0.5, 3.0));
  const double dur_s = strike(Layer::texture, any_pitch(Layer::texture, texture_rng_), texture_rng_);
  const double wait_s = dur_s * texture_rng_.uniform(0.6, 1.1) * lerp(1.3, 0.8, density()) / plan.pace;
  wake(texture, now_ + std::max(wait_s, 0.5));
}

void Composer::Piece::run_low() {
  if (!active(Layer::low)) {
    low_bars_.clear();
    return wake(low, now_ + 2.0);
  }
  if (quiet()) return wake(low, quiet_over());
  if (low_bars_.empty()) draw_low_bars();
  const LayerPlan& plan = preset_.layer(Layer::low);
  int pitch = static_cast<int>(plan.pitches.low);
  const int bass = bass_of(current_);
  while (wrap(pitch, 12) != bass) ++pitch;
  const double dur_s = plan.note_s.at(percussion_rng_.uniform());
  play(Layer::low, pitch, percussion_rng_.uniform(), dur_s, percussion_rng_);
  const double bars = low_bars_.back();
  low_bars_.pop_back();
  wake(low, now_ + 4.0 * bars * beat_s() + humanised(percussion_rng_));
}

void Composer::Piece::draw_low_bars() {
  constexpr int cycles[] = {11, 13, 17, 19, 23};
  const Range& range = preset_.percussion.low_bars;
  const double wanted = lerp(range.high, range.low, smooth_step(percussion_from_intensity, 1.0, density()));
  const int slots = cycles[percussion_rng_.index(std::size(cycles))];
  const int pulses = std::clamp(static_cast<int>(std::lround(slots / wanted)), 1, slots);
  const std::vector<bool> rhythm = euclidean(pulses, slots, 0);
  for (int i = 0, last = 0; i < slots; ++i) {
    const bool end = i + 1 == slots;
    if (!end && !rhythm[static_cast<size_t>(i) + 1]) continue;
    low_bars_.push_back(std::clamp(static_cast<double>(i + 1 - last), range.low, range.high));
    last = i + 1;
  }
}

void Composer::Piece::plan_swell() {
  wake_[swell] = never;
  if (!percussion_rng_.chance(preset_.percussion.swells)) return;
  swell_s_ = preset_.percussion.swell_s.at(percussion_rng_.uniform());
  if (silence_from_ == never && next_.t - swell_s_ > now_ + 1.0) wake(swell, next_.t - swell_s_);
}

void Composer::Piece::run_swell() {
  if (!active(Layer::swell) || quiet()) return;
  const int wanted = any_pitch(Layer::swell, percussion_rng_);
  int pitch = chord_tone_near(Layer::swell, wanted);
  // A tone of both chords where there is one near.
  for (int distance = 0; distance < 12; ++distance) {
    const auto both = [&](int p) { return current_.chord.contains(p) && next_.chord.contains(p); };
    if (both(wanted - distance) || both(wanted + distance)) {
      pitch = both(wanted - distance) ? wanted - distance : wanted + distance;
      break;
    }
  }
  play(Layer::swell, pitch, percussion_rng_.uniform(), swell_s_, percussion_rng_);
}

void Composer::Piece::run_brush() {
  if (!active(Layer::brush)) {
    brush_cycle_.clear();
    return wake(brush, now_ + 2.0);
  }
  if (quiet()) return wake(brush, quiet_over());
  const LayerPlan& plan = preset_.layer(Layer::brush);
  if (brush_cycle_.empty()) {
    // A few cycles, then a rest of several; each time another length, turned another way.
    const PercussionPlan& percussion = preset_.percussion;
    const int slots = static_cast<int>(std::lround(percussion.brush_slots.at(percussion_rng_.uniform())));
    const int pulses = std::min(static_cast<int>(std::lround(percussion.brush_pulses.at(density()))), slots);
    const std::vector<bool> once =
        euclidean(pulses, slots, static_cast<int>(percussion_rng_.index(static_cast<size_t>(slots))));
    const size_t cycles = 1 + percussion_rng_.index(4);
    for (size_t i = 0; i < cycles; ++i) brush_cycle_.insert(brush_cycle_.end(), once.begin(), once.end());
  }
  const bool onset = brush_cycle_.back();
  brush_cycle_.pop_back();
  if (onset && thinning_.keep(0.3 + 0.7 * density(), percussion_rng_)) {
    strike(Layer::brush, any_pitch(Layer::brush, percussion_rng_), percussion_rng_);
  }
  const double rest = brush_cycle_.empty() ? rest_s({6.0, 24.0}, plan.pace, percussion_rng_) : 0.0;
  wake(brush, std::max(now_ + 0.5 * beat_s() + rest + humanised(percussion_rng_), now_ + 0.05));
}

}  // namespace auralis
