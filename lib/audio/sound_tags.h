// SPDX-License-Identifier: MIT
// What a sound file says of itself, and the moments in it that have names, as the kinds of files hold them.
//   WAV     LIST INFO; `cue ` and LIST adtl, behind the data
//   FLAC    a block of Vorbis comments, with CHAPTERnnn for each moment, and a CUESHEET, in room that was kept free
//   source  Multimedia Programming Interface and Data Specifications 1.0; RFC 9639, sections 8.6 and 8.7; Chapter Extension
//           of Vorbis comments (wiki.xiph.org)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace auralis {

// What a player shows; empty members are left out.
struct SoundTags {
  std::string title{};
  std::string artist{};
  std::string album{};
  std::string genre{};
  std::string date{};  // YYYY-MM-DD
  std::string comment{};
  std::vector<std::pair<std::string, std::string>> more{};  // by their Vorbis names: {"BPM", "60"}
};

struct Moment {
  int64_t frame = 0;
  std::string name;
};

// {"TITLE", …}, …: all that is not empty, the program too.
std::vector<std::pair<std::string, std::string>> vorbis_comments(const SoundTags& tags);

// Chunks for behind the data of a WAV file.
std::string wav_tag_chunks(const SoundTags& tags, const std::vector<Moment>& moments);

// Metadata blocks of exactly `bytes` bytes, heads included; what does not fit, the latest moments first, is left out.
//   is_last   whether audio follows them
std::string flac_tag_blocks(const SoundTags& tags, const std::vector<Moment>& moments, int rate,
                            int64_t frames, size_t bytes, bool is_last);

}  // namespace auralis
