// SPDX-License-Identifier: MIT
// What a reverb's line loses at each pass, as two second-order sections: a shelf below and one above.
//   losses     dB, ≤ 0, at 125, 1200 and 8000 Hz, and as shelves go between them
//   source     Jot & Chaigne, AES 90, 1991; Schlecht & Habets, Accurate Reverberation Time Control in Feedback Delay
//              Networks, DAFx 2017
#pragma once

#include <array>

#include "synth/fx/control_math.h"

namespace auralis {

class Absorption {
 public:
  using Bands = std::array<double, 3>;

  explicit Absorption(double rate);
  std::array<Section, 2> sections(Bands loss_db) const;  // the first with the level in it

 private:
  struct Edge {
    double cosine, sine;
  };

  Section low_shelf(double db) const;
  Section high_shelf(double db) const;

  Edge low_edge_;
  Edge high_edge_;
  Bands band_cosine_{};
  double low_middle_cosine_;
  std::array<Bands, 3> shelving_{};  // low shelf, level, high shelf in dB from what each band should lose
};

}  // namespace auralis
