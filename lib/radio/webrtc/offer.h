// SPDX-License-Identifier: MIT
// An offer of WebRTC (RFC 8829) by a stranger, as far as it matters here, and the texts on both sides of webrtcbin: what it
// is given is written anew from what was read, and what it answers is completed.
//   candidates   those of an offer are not looked at: whoever asks for sound finds this machine, and is sent to no other
//   errors       Error{bad_input}: what was expected
#pragma once

#include <string>

namespace auralis {

struct Offer {
  std::string mid;          // of the one section there is
  std::string ufrag;        // ICE
  std::string password;     // ICE
  std::string fingerprint;  // SHA-256 of its certificate, "AB:…"
  std::string setup;        // actpass, active or passive
  int opus = 0;             // payload type of stereo Opus
  int red = -1;             // of redundant packets (RFC 2198) of that; -1: not understood
};

Offer read_offer(const std::string& text);
// For webrtcbin: Opus alone.
std::string offer_text(const Offer& offer);
// webrtcbin's answer for whoever offered: with RED before Opus, in stereo, with candidates over UDP that others can reach.
std::string answer_text(const Offer& offer, const std::string& made);
// Whether it has a candidate.
bool has_candidate(const std::string& answer);

}  // namespace auralis
