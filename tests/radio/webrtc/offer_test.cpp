// SPDX-License-Identifier: MIT
#include "radio/webrtc/offer.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "base/error.h"

namespace auralis {
namespace {

const std::string print =
    "03:38:23:3E:26:C2:F0:FC:AC:D7:11:9C:7C:ED:80:4F:C2:4D:8D:E3:75:51:E4:A1:21:52:EC:F8:29:F5:19:BC";

// As Chromium offers, shortened.
const std::string chromium =
    "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
    "a=extmap-allow-mixed\r\na=msid-semantic: WMS\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8\r\n"
    "c=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 "
    "0.0.0.0\r\na=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"
    "a=ice-options:trickle\r\na=fingerprint:sha-256 " +
    print +
    "\r\na=setup:actpass\r\na=mid:0\r\na=recvonly\r\na=rtcp-mux\r\na=rtcp-rsize\r\n"
    "a=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 transport-cc\r\na=fmtp:111 minptime=10;stereo=1\r\n"
    "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\na=rtpmap:9 G722/8000\r\na=rtpmap:0 PCMU/8000\r\n"
    "a=candidate:1 1 udp 2113937151 10.0.0.1 50000 typ host\r\n";

std::string with(std::string text, const std::string& what, const std::string& instead) {
  const size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), instead);
}

std::string refused(const std::string& text) {
  try {
    read_offer(text);
  } catch (const Error& error) {
    CHECK(error.exit == Exit::bad_input);
    return error.what();
  }
  return "";
}

TEST_CASE(
    "An offer to receive stereo Opus says how it is called, who offers, and whether copies are understood") {
  const Offer offer = read_offer(chromium);
  CHECK(offer.mid == "0");
  CHECK(offer.ufrag == "EsAw");
  CHECK(offer.password == "P2uYro0UCOQ4zxjKXaWCBui1");
  CHECK(offer.fingerprint == print);
  CHECK(offer.setup == "actpass");
  CHECK(offer.opus == 111);
  CHECK(offer.red == 63);
}

TEST_CASE("Copies of anything but that Opus are not for us") {
  CHECK(read_offer(with(chromium, "a=fmtp:63 111/111", "a=fmtp:63 9/9")).red == -1);
  CHECK(read_offer(with(chromium, "a=fmtp:63 111/111\r\n", "")).red == -1);
}

TEST_CASE("What stands for all of an offer may stand before its section") {
  const std::string line = "a=fingerprint:sha-256 " + print + "\r\n";
  const std::string moved = with(with(chromium, line, ""), "a=extmap-allow-mixed\r\n", line);
  CHECK(read_offer(moved).fingerprint == print);
}

TEST_CASE("What is no offer to receive stereo Opus, and that alone, is refused with what was expected") {
  const std::pair<std::string, std::string> cases[] = {
      {"", "SDP"},
      {"v=0\r\n", "one section"},
      {"{}", "SDP"},
      {std::string("v=0\r\n\0", 6), "SDP"},
      {with(chromium, "m=audio", "m=video"), "audio"},
      {chromium + "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n", "one section"},
      {with(chromium, "a=recvonly", "a=sendonly"), "a=recvonly"},
      {with(chromium, "a=recvonly", "a=inactive"), "a=recvonly"},
      {with(chromium, "opus/48000/2", "opus/48000"), "Opus"},
      {with(chromium, "rtpmap:111 ", "rtpmap:128 "), "Opus"},
      {with(chromium, "a=mid:0\r\n", ""), "a=mid"},
      {with(chromium, "EsAw", "E\"w;"), "a=ice-ufrag"},
      {with(chromium, "P2uYro0UCOQ4zxjKXaWCBui1", "short"), "a=ice-pwd"},
      {with(chromium, "actpass", "holdconn"), "a=setup"},
      {with(chromium, "sha-256", "sha-1"), "a=fingerprint"},
      {with(chromium, ":BC\r\n", "\r\n"), "a=fingerprint"},
  };
  for (const auto& [text, expected] : cases) {
    INFO(text);
    CHECK(refused(text).find(expected) != std::string::npos);
  }
}

TEST_CASE("What webrtcbin is given has what was read and nothing else of a stranger's text") {
  const Offer offer = read_offer(chromium);
  const std::string text = offer_text(offer);
  const Offer again = read_offer(text);
  CHECK(offer_text(again) == text);
  CHECK(again.opus == 111);
  CHECK(again.red == -1);
  for (const char* foreign : {"candidate", "10.0.0.1", "G722", "extmap", "4611731400430051336"})
    CHECK(text.find(foreign) == std::string::npos);
}

const std::string made =
    "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=ice-options:trickle\r\na=group:BUNDLE 0\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:111 OPUS/48000/2\r\n"
    "a=fmtp:111 sprop-maxcapturerate=48000\r\na=sendonly\r\n"
    "a=candidate:1 1 UDP 2015363327 10.77.0.1 52936 typ host\r\n"
    "a=candidate:2 1 TCP 1015021823 10.77.0.1 9 typ host tcptype active\r\n"
    "a=candidate:4 1 UDP 2015363583 fe80::ab74:a0ce:15ae:7523 54896 typ host\r\n";

TEST_CASE(
    "An answer is for stereo, has copies where they are understood, and candidates that others can reach") {
  const Offer offer = read_offer(chromium);
  CHECK(answer_text(offer, made) ==
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
        "m=audio 9 UDP/TLS/RTP/SAVPF 63 111\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:111 OPUS/48000/2\r\n"
        "a=fmtp:111 stereo=1;sprop-stereo=1\r\na=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\na=sendonly\r\n"
        "a=candidate:1 1 UDP 2015363327 10.77.0.1 52936 typ host\r\na=end-of-candidates\r\n");
  const std::string plain = answer_text(read_offer(with(chromium, "a=rtpmap:63 red/48000/2\r\n", "")), made);
  CHECK(plain.find("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n") != std::string::npos);
  CHECK(plain.find("red") == std::string::npos);
}

TEST_CASE("A machine with no address but loopback has no candidate") {
  CHECK(has_candidate(answer_text(read_offer(chromium), made)));
  CHECK(!has_candidate(answer_text(read_offer(chromium), with(made, "10.77.0.1 52936", "fe80::1 52936"))));
}

}  // namespace
}  // namespace auralis
