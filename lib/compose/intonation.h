// SPDX-License-Identifier: MIT
// The last step of every stream that is composed or made of a MIDI file: keys become the pitches of a tuning.
//   note     its pitch is its key's in the tuning, and `key` keeps the key; one whose key is silent is left out. A pitch between
//            the keys is moved as far as the nearest key
//   bend     likewise; of a note that told its key it is left out, since its tuning goes
//   chord    its pitches likewise, so that resonators are in tune. Just intonation follows it, and what sounds on glides there
//   retune   a tuning changes while notes sound: they glide, and the chord is told again
//   equal    temperament at A = 440 Hz leaves every event as it is
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/event.h"
#include "model/tuning.h"

namespace auralis {

class Intonation {
 public:
  Intonation(Tuning tuning, double reference_hz);

  // What is in `events` from an index on, in order of the stream.
  void tune(std::vector<Event>& events, size_t from = 0);

  // From t on; appends what that takes.
  void retune(double t, const Tuning& tuning, double reference_hz, std::vector<Event>& out);

 private:
  struct Sounding {
    uint64_t id;
    double key;    // as composed
    double pitch;  // as it sounds
    double end;
    bool keyed;  // the stream told its key
  };

  bool is_plain() const;
  void take(Event&& event, std::vector<Event>& out);
  void take(StartEvent& event);
  void take(ChordEvent& event);
  bool take(NoteEvent& event);
  bool take(BendEvent& event) const;
  void set_table();
  std::optional<double> pitch_of(double key) const;
  void tune_chord(ChordEvent& event) const;
  void bend(double t, double least_left_s, double glide_s, std::vector<Event>& out);

  Tuning tuning_;
  double reference_hz_;
  int tonic_ = 0;
  KeyPitches table_{};
  std::vector<Sounding> sounding_;
  std::optional<ChordEvent> chord_;  // as composed
};

}  // namespace auralis
