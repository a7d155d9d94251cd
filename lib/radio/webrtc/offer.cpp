// SPDX-License-Identifier: MIT
#include "radio/webrtc/offer.h"

#include <glib.h>
#include <gst/sdp/sdp.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace auralis {
namespace {

struct SdpDeleter {
  void operator()(GstSDPMessage* message) const { gst_sdp_message_free(message); }
};
using SdpPtr = std::unique_ptr<GstSDPMessage, SdpDeleter>;

[[noreturn]] void refuse(const std::string& why) { throw Error(Exit::bad_input, why); }

bool is_letter_or_digit(char c) { return g_ascii_isalnum(c) != 0; }

// token-char of RFC 8866 without what would end a line, and what else ICE uses.
bool is_token(std::string_view text, size_t least, size_t most) {
  return text.size() >= least && text.size() <= most && std::all_of(text.begin(), text.end(), [](char c) {
           return is_letter_or_digit(c) || std::string_view("+/-_.~:=!*{}").find(c) != std::string_view::npos;
         });
}

bool is_fingerprint(std::string_view text) {
  constexpr size_t bytes = 32;
  if (text.size() != 3 * bytes - 1) return false;
  for (size_t i = 0; i < text.size(); ++i)
    if (i % 3 == 2 ? text[i] != ':' : g_ascii_isxdigit(text[i]) == 0) return false;
  return true;
}

SdpPtr parse(const std::string& text) {
  const bool is_text = std::all_of(text.begin(), text.end(),
                                   [](char c) { return (c >= ' ' && c <= '~') || c == '\r' || c == '\n'; });
  GstSDPMessage* message = nullptr;
  if (!is_text || !text.starts_with("v=0") || gst_sdp_message_new(&message) != GST_SDP_OK) return nullptr;
  SdpPtr parsed(message);
  const auto* bytes = reinterpret_cast<const guint8*>(text.data());
  if (gst_sdp_message_parse_buffer(bytes, static_cast<guint>(text.size()), message) != GST_SDP_OK)
    return nullptr;
  return parsed;
}

// Of the section, or of all.
std::string attribute(const GstSDPMessage& message, const GstSDPMedia& media, const char* name) {
  const gchar* value = gst_sdp_media_get_attribute_val(&media, name);
  if (value == nullptr) value = gst_sdp_message_get_attribute_val(&message, name);
  return value == nullptr ? "" : value;
}

// "63 111/111" → 63 and "111/111"; -1 where there is no payload type.
int payload_of(std::string_view value, std::string_view& rest) {
  int payload = -1;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), payload);
  if (error != std::errc() || payload < 0 || payload > 127) return -1;
  rest = value.substr(static_cast<size_t>(end - value.data()));
  if (!rest.starts_with(' ')) return -1;
  rest.remove_prefix(1);
  return payload;
}

std::vector<int> payloads_of(const GstSDPMedia& media, const std::string& encoding) {
  std::vector<int> found;
  for (guint i = 0;; ++i) {
    const gchar* map = gst_sdp_media_get_attribute_val_n(&media, "rtpmap", i);  // "111 opus/48000/2"
    if (map == nullptr) return found;
    std::string_view rest;
    const int payload = payload_of(map, rest);
    if (payload >= 0 && g_ascii_strcasecmp(std::string(rest).c_str(), encoding.c_str()) == 0)
      found.push_back(payload);
  }
}

// Whether that payload type carries packets of Opus, and nothing else.
bool repeats(const GstSDPMedia& media, int red, int opus) {
  for (guint i = 0;; ++i) {
    const gchar* format = gst_sdp_media_get_attribute_val_n(&media, "fmtp", i);
    if (format == nullptr) return false;
    std::string_view rest;
    if (payload_of(format, rest) == red) return rest == std::to_string(opus) + "/" + std::to_string(opus);
  }
}

void read_codecs(const GstSDPMedia& media, Offer& offer) {
  const std::vector<int> opus = payloads_of(media, "opus/48000/2");
  if (opus.empty()) refuse("expected Opus in stereo, as a=rtpmap:111 opus/48000/2");
  offer.opus = opus.front();
  for (const int red : payloads_of(media, "red/48000/2"))
    if (red != offer.opus && repeats(media, red, offer.opus)) offer.red = red;
}

void read_connection(const GstSDPMessage& message, const GstSDPMedia& media, Offer& offer) {
  offer.mid = attribute(message, media, "mid");
  if (!is_token(offer.mid, 1, 64)) refuse("expected a=mid with a name");
  offer.ufrag = attribute(message, media, "ice-ufrag");
  offer.password = attribute(message, media, "ice-pwd");
  if (!is_token(offer.ufrag, 4, 256) || !is_token(offer.password, 22, 256))
    refuse("expected a=ice-ufrag and a=ice-pwd, as RFC 8839 has them");
  offer.setup = attribute(message, media, "setup");
  if (offer.setup != "actpass" && offer.setup != "active" && offer.setup != "passive")
    refuse("expected a=setup:actpass");
  constexpr std::string_view kind = "sha-256 ";
  const std::string print = attribute(message, media, "fingerprint");
  if (print.size() < kind.size() || g_ascii_strncasecmp(print.c_str(), kind.data(), kind.size()) != 0 ||
      !is_fingerprint(std::string_view(print).substr(kind.size())))
    refuse("expected a=fingerprint with a SHA-256");
  offer.fingerprint = print.substr(kind.size());
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// Over UDP, and not to an address that is only good on one cable.
bool is_reachable(std::string_view candidate) {
  return candidate.find(" UDP ") != std::string_view::npos &&
         candidate.find(" fe80:") == std::string_view::npos;
}

}  // namespace

Offer read_offer(const std::string& text) {
  const SdpPtr message = parse(text);
  if (!message) refuse("expected an offer in SDP (RFC 8866)");
  if (gst_sdp_message_medias_len(message.get()) != 1) refuse("expected one section of media, and that audio");
  const GstSDPMedia& media = *gst_sdp_message_get_media(message.get(), 0);
  const gchar* kind = gst_sdp_media_get_media(&media);
  if (kind == nullptr || std::string_view(kind) != "audio")
    refuse("expected one section of media, and that audio");
  for (const char* direction : {"sendonly", "inactive"})
    if (gst_sdp_media_get_attribute_val(&media, direction) != nullptr)
      refuse("expected an offer to receive, as a=recvonly");
  Offer offer;
  read_codecs(media, offer);
  read_connection(*message, media, offer);
  return offer;
}

std::string offer_text(const Offer& offer) {
  const std::string payload = std::to_string(offer.opus);
  return "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE " + offer.mid +
         "\r\nm=audio 9 UDP/TLS/RTP/SAVPF " + payload + "\r\nc=IN IP4 0.0.0.0\r\na=mid:" + offer.mid +
         "\r\na=ice-ufrag:" + offer.ufrag + "\r\na=ice-pwd:" + offer.password + "\r\na=fingerprint:sha-256 " +
         offer.fingerprint + "\r\na=setup:" + offer.setup +
         "\r\na=rtcp-mux\r\na=recvonly\r\na=rtpmap:" + payload + " OPUS/48000/2\r\n";
}

std::string answer_text(const Offer& offer, const std::string& made) {
  const std::string opus = std::to_string(offer.opus);
  const std::string red = std::to_string(offer.red);
  std::string text;
  const auto add = [&text](std::string_view line) { text.append(line).append("\r\n"); };
  for (const std::string_view line : lines_of(made)) {
    if (line.empty() || line.starts_with("a=fmtp:") || line.starts_with("a=ice-options:")) continue;
    if (line.starts_with("a=candidate:") && !is_reachable(line)) continue;
    if (line.starts_with("m=audio ")) {
      add("m=audio 9 UDP/TLS/RTP/SAVPF " + (offer.red < 0 ? opus : red + " " + opus));
      continue;
    }
    add(line);
    if (!line.starts_with("a=rtpmap:")) continue;
    add("a=fmtp:" + opus + " stereo=1;sprop-stereo=1");
    if (offer.red < 0) continue;
    add("a=rtpmap:" + red + " red/48000/2");
    add("a=fmtp:" + red + " " + opus + "/" + opus);
  }
  add("a=end-of-candidates");
  return text;
}

bool has_candidate(const std::string& answer) { return answer.find("\na=candidate:") != std::string::npos; }

}  // namespace auralis
