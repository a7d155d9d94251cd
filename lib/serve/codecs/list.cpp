// SPDX-License-Identifier: MIT
// The list of codecs. Each is declared here and made in the file of its name.
#include <algorithm>

#include "base/error.h"
#include "base/log.h"
#include "serve/codec.h"

namespace auralis {

CodecInfo pcm_codec();
CodecInfo opus_codec();
CodecInfo small_opus_codec();
CodecInfo base64_codec();
CodecInfo ogg_codec();
CodecInfo wav_codec();
CodecInfo no_codec();
CodecInfo mp3_codec();
CodecInfo aac_codec();

std::span<const CodecInfo> codecs() {
  static const CodecInfo all[] = {
      pcm_codec(), opus_codec(), small_opus_codec(), base64_codec(), no_codec(), ogg_codec(), wav_codec(),
#ifdef AURALIS_MP3
      mp3_codec(),
#endif
#ifdef AURALIS_AV
      aac_codec(),
#endif
  };
  return all;
}

const CodecInfo& events_codec() {
  constexpr int64_t bytes = 1024;
  static const CodecInfo events{.name = "events",
                                .path = "",
                                .content_type = "",
                                .rate = 0,
                                .history_ms = 0,
                                .packet_bytes = [](const StreamFormat&) { return bytes; },
                                .start = nullptr};
  return events;
}

void Codec::finish(const Sound&, std::vector<PacketPtr>&) {}

const CodecInfo* find_codec(std::string_view name) {
  const auto found = std::find_if(codecs().begin(), codecs().end(), [name](const CodecInfo& codec) {
    return !codec.name.empty() && codec.name == name;
  });
  return found == codecs().end() ? nullptr : &*found;
}

const CodecInfo* find_stream(std::string_view path) {
  const auto found = std::find_if(codecs().begin(), codecs().end(), [path](const CodecInfo& codec) {
    return !codec.path.empty() && codec.path == path;
  });
  return found == codecs().end() ? nullptr : &*found;
}

bool load(const CodecInfo& codec) {
  try {
    if (codec.load != nullptr) codec.load();
    return true;
  } catch (const Error& error) {
    log_detail(error.what());
    return false;
  }
}

int64_t bits_per_second(const CodecInfo& codec, const StreamFormat& format) {
  return codec.packet_bytes(format) * 8 * 1000 / format.chunk_ms;
}

std::string socket_codec_names() {
  std::vector<std::string_view> names;
  for (const CodecInfo& codec : codecs())
    if (!codec.name.empty()) names.push_back(codec.name);
  std::string text;
  for (size_t i = 0; i < names.size(); ++i)
    text.append(i == 0 ? "" : i + 1 < names.size() ? ", " : " or ").append(names[i]);
  return text;
}

int64_t pcm_bytes(const StreamFormat& format) {
  return int64_t{format.rate} * format.chunk_ms / 1000 * format.channels * 2;
}

int64_t chunk_bytes(int bits_per_second, const StreamFormat& format) {
  return int64_t{bits_per_second} / 8 * format.chunk_ms / 1000;
}

int64_t opus_bytes(const StreamFormat& format) { return chunk_bytes(format.opus_bits_per_second, format); }

void push_frames(const std::string& frames, int64_t due_us, std::vector<PacketPtr>& packets) {
  if (!frames.empty()) packets.push_back(std::make_shared<Packet>(Packet::Framing::none, frames, due_us));
}

}  // namespace auralis
