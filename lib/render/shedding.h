// SPDX-License-Identifier: MIT
// How many voices a renderer that must keep real time may sound: fewer where it takes nearly as long to make a sound as the
// sound is, more again where it is quick.
//   load      seconds spent for a second of sound, over the last half second; what a machine that stood still for a moment
//             took counts little, since it says nothing of the next
//   limit     lowered by at most a quarter each quarter of a second, to what the load would allow; raised slowly
//   said      once when it begins and once when all voices may sound again, not more often than once a minute of sound
//   clock     none: what was measured is passed in
#pragma once

#include <optional>
#include <string>

namespace auralis {

class Shedding {
 public:
  explicit Shedding(int most_voices) : most_(most_voices), limit_(most_voices) {}

  struct Decision {
    std::optional<int> limit;  // where it changes
    std::string said;          // for the log
  };
  // A block of sound was made, with so many voices in the end.
  Decision update(double block_s, double spent_s, int voices);

  int limit() const { return limit_; }
  double load() const { return load_; }

 private:
  Decision lower(int voices);
  Decision raise();
  std::string once(const std::string& text);

  int most_;
  int limit_;
  double load_ = 0.0;
  double now_s_ = 0.0;  // of sound
  double next_s_ = 0.0;
  double light_since_s_ = 0.0;
  double quiet_until_s_ = 0.0;  // in the log
  bool sheds_ = false;          // as the log has it
};

}  // namespace auralis
