// SPDX-License-Identifier: MIT
// Offers of WebRTC: auralis-serve --webrtc. What webrtcbin is given of them is an offer again, the same one, however odd the
// first was.
#include "radio/webrtc/offer.h"

#include <string>

#include "fuzz/harness/target.h"

namespace auralis {

AURALIS_FUZZ_TARGET(offer) {
  const Offer read = read_offer(std::string(bytes));
  AURALIS_CLAIM(read.opus >= 0 && read.opus <= 127 && read.red >= -1 && read.red <= 127);
  AURALIS_CLAIM(read.opus != read.red);
  const std::string text = offer_text(read);
  for (const char c : text) AURALIS_CLAIM((c >= ' ' && c <= '~') || c == '\r' || c == '\n');
  const Offer again = read_offer(text);
  AURALIS_CLAIM(offer_text(again) == text && again.opus == read.opus);
  AURALIS_CLAIM(!has_candidate(answer_text(read, text)));
}

}  // namespace auralis
