// SPDX-License-Identifier: MIT
#include "audio/sound_tags.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>

namespace auralis {
namespace {

constexpr const char* program = "auralis " AURALIS_VERSION;
constexpr size_t block_head = 4;
constexpr size_t most_tracks = 254;  // of a cue sheet that is none of a CD; 255 is its end
constexpr size_t most_block_bytes = (size_t{1} << 24) - 1;
constexpr size_t sheet_head = 396;
constexpr size_t track_bytes = 36;
constexpr size_t index_bytes = 12;

enum BlockType : unsigned char { padding = 1, comment = 4, cue_sheet = 5 };

void append_little(std::string& out, uint64_t value, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
}

void append_big(std::string& out, uint64_t value, size_t bytes) {
  for (size_t i = bytes; i-- > 0;) out += static_cast<char>(value >> (8 * i) & 0xFF);
}

std::string chunk(const char* id, const std::string& body) {
  std::string out = id;
  append_little(out, body.size(), 4);
  return out + body + std::string(body.size() % 2, '\0');
}

std::string block(BlockType type, const std::string& body) {
  std::string out(1, static_cast<char>(type));
  append_big(out, body.size(), 3);
  return out + body;
}

std::string chapter(size_t number, double at_s, const std::string& name) {
  const auto ms = static_cast<int64_t>(at_s * 1e3 + 0.5);
  std::array<char, 128> head{};
  std::snprintf(head.data(), head.size(), "CHAPTER%03zu=%02lld:%02lld:%02lld.%03lld", number,
                static_cast<long long>(ms / 3'600'000), static_cast<long long>(ms / 60'000 % 60),
                static_cast<long long>(ms / 1000 % 60), static_cast<long long>(ms % 1000));
  std::array<char, 64> name_head{};
  std::snprintf(name_head.data(), name_head.size(), "CHAPTER%03zuNAME=", number);
  std::string out;
  for (const std::string& text : {std::string(head.data()), name_head.data() + name}) {
    append_little(out, text.size(), 4);
    out += text;
  }
  return out;
}

std::string comment_block(const SoundTags& tags, const std::vector<Moment>& moments, int rate,
                          size_t most_bytes) {
  std::string body;
  append_little(body, std::string_view(program).size(), 4);
  body += program;
  std::string comments;
  uint32_t count = 0;
  for (const auto& [name, value] : vorbis_comments(tags)) {
    const std::string text = name + "=" + value;
    append_little(comments, text.size(), 4);
    comments += text;
    ++count;
  }
  for (size_t i = 0; i < moments.size(); ++i) {
    const std::string both = chapter(i + 1, static_cast<double>(moments[i].frame) / rate, moments[i].name);
    if (block_head + body.size() + 4 + comments.size() + both.size() > most_bytes) break;
    comments += both;
    count += 2;
  }
  append_little(body, count, 4);
  return block(comment, body + comments);
}

std::string cue_sheet_block(const std::vector<Moment>& moments, int64_t frames) {
  const size_t tracks = std::min(moments.size(), most_tracks);
  std::string body(128, '\0');  // no catalogue number
  append_big(body, 0, 8);       // no lead-in
  body += std::string(259, '\0');
  append_big(body, tracks + 1, 1);
  for (size_t i = 0; i < tracks; ++i) {
    append_big(body, static_cast<uint64_t>(moments[i].frame), 8);
    append_big(body, i + 1, 1);
    body += std::string(12 + 14, '\0');
    append_big(body, 1, 1);
    append_big(body, 0, 8);
    append_big(body, 1, 1);
    body += std::string(3, '\0');
  }
  append_big(body, static_cast<uint64_t>(frames), 8);
  append_big(body, 255, 1);
  body += std::string(12 + 14 + 1, '\0');
  return block(cue_sheet, body);
}

}  // namespace

std::vector<std::pair<std::string, std::string>> vorbis_comments(const SoundTags& tags) {
  std::vector<std::pair<std::string, std::string>> all{
      {"TITLE", tags.title}, {"ARTIST", tags.artist},   {"ALBUM", tags.album}, {"GENRE", tags.genre},
      {"DATE", tags.date},   {"COMMENT", tags.comment}, {"ENCODER", program}};
  all.insert(all.end(), tags.more.begin(), tags.more.end());
  std::erase_if(all, [](const auto& tag) { return tag.second.empty(); });
  return all;
}

std::string wav_tag_chunks(const SoundTags& tags, const std::vector<Moment>& moments) {
  std::string info;
  for (const auto& [id, text] : {std::pair<const char*, std::string>("ISFT", program),
                                 {"INAM", tags.title},
                                 {"IART", tags.artist},
                                 {"IPRD", tags.album},
                                 {"IGNR", tags.genre},
                                 {"ICRD", tags.date},
                                 {"ICMT", tags.comment}}) {
    if (!text.empty()) info += chunk(id, text + '\0');
  }
  std::string out = chunk("LIST", "INFO" + info);
  std::string points;
  std::string labels;
  uint32_t count = 0;
  for (const Moment& moment : moments) {
    if (moment.frame > std::numeric_limits<uint32_t>::max()) break;
    ++count;
    append_little(points, count, 4);
    append_little(points, static_cast<uint64_t>(moment.frame), 4);
    points += "data";
    append_little(points, 0, 8);
    append_little(points, static_cast<uint64_t>(moment.frame), 4);
    std::string label;
    append_little(label, count, 4);
    labels += chunk("labl", label + moment.name + '\0');
  }
  if (count == 0) return out;
  std::string head;
  append_little(head, count, 4);
  return out + chunk("cue ", head + points) + chunk("LIST", "adtl" + labels);
}

std::string flac_tag_blocks(const SoundTags& tags, const std::vector<Moment>& moments, int rate,
                            int64_t frames, size_t bytes, bool is_last) {
  const size_t sheet = block_head + sheet_head + track_bytes +
                       std::min(moments.size(), most_tracks) * (track_bytes + index_bytes);
  const bool has_sheet = !moments.empty() && sheet < bytes / 2;
  // The rest is padding, which has a head, too.
  const size_t room = bytes - block_head - (has_sheet ? sheet : 0);
  std::string out = comment_block(tags, moments, rate, room);
  if (out.size() > room) out = comment_block({}, {}, rate, room);  // tags of a stranger's stream may be long
  if (has_sheet) out += cue_sheet_block(moments, frames);
  const size_t last = out.size();
  out += block(padding, std::string(std::min(bytes - out.size() - block_head, most_block_bytes), '\0'));
  if (is_last) out[last] = static_cast<char>(static_cast<unsigned char>(out[last]) | 0x80U);
  return out;
}

}  // namespace auralis
