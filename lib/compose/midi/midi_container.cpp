// SPDX-License-Identifier: MIT
#include "compose/midi/midi_container.h"

#include <algorithm>

namespace auralis {
namespace {

constexpr std::string_view magic = "MThd";
constexpr size_t riff_head = 12;         // "RIFF", its size, "RMID"
constexpr size_t mac_binary_head = 128;  // 0, the length of the file's name, the name, …
constexpr int longest_mac_name = 63;

constexpr size_t chunk_head = 8;  // a name of four characters, and the length of what follows

bool may_begin(std::string_view bytes, std::string_view with) {
  return with.starts_with(bytes.substr(0, with.size()));
}

bool is_rmid(std::string_view bytes) { return bytes.starts_with("RIFF") && bytes.substr(8, 4) == "RMID"; }

// Of the chunk "data"; a length of nothing, or beyond the file, is that of what is there.
std::optional<MidiExtent> find_in_riff(std::string_view bytes) {
  size_t at = riff_head;
  while (bytes.size() - at >= 8) {
    size_t length = 0;
    for (size_t i = 8; i-- > 4;) length = length << 8 | static_cast<unsigned char>(bytes[at + i]);
    const std::string_view kind = bytes.substr(at, 4);
    at += 8;
    const size_t left = bytes.size() - at;
    if (kind == "data") return MidiExtent{at, at + (length == 0 ? left : std::min(length, left))};
    at += std::min(left, length + length % 2);
  }
  return std::nullopt;
}

// Whether chunk follows chunk up to the very end, by their lengths.
bool chunks_fit(std::string_view bytes) {
  size_t at = 0;
  while (bytes.size() - at >= chunk_head) {
    size_t length = 0;
    for (size_t i = 4; i < chunk_head; ++i) length = length << 8 | static_cast<unsigned char>(bytes[at + i]);
    if (length > bytes.size() - at - chunk_head || (at > 0 && bytes.substr(at, 4) != "MTrk")) return false;
    at += chunk_head + length;
  }
  return at == bytes.size();
}

}  // namespace

std::optional<bool> begins_midi(std::string_view bytes) {
  if (bytes.size() < magic.size() && may_begin(bytes, magic)) return std::nullopt;
  if (bytes.starts_with(magic)) return true;
  if (may_begin(bytes, "RIFF")) {
    if (bytes.size() < riff_head) return std::nullopt;
    return is_rmid(bytes);
  }
  if (bytes[0] != '\0' || (bytes.size() > 1 && (bytes[1] < 1 || bytes[1] > longest_mac_name))) return false;
  if (bytes.size() < mac_binary_head + magic.size()) return std::nullopt;
  return bytes.substr(mac_binary_head, magic.size()) == magic;
}

std::optional<MidiExtent> find_midi(std::string_view bytes) {
  if (!begins_midi(bytes).value_or(false)) return std::nullopt;
  std::optional<MidiExtent> extent = bytes.starts_with(magic) ? MidiExtent{0, bytes.size()}
                                     : is_rmid(bytes)         ? find_in_riff(bytes)
                                                              : MidiExtent{mac_binary_head, bytes.size()};
  if (extent && bytes.substr(extent->begin, magic.size()) != magic) return std::nullopt;
  return extent;
}

std::optional<std::string> undo_line_ends(std::string_view bytes) {
  if (!bytes.starts_with(magic) || chunks_fit(bytes)) return std::nullopt;
  std::string before;
  before.reserve(bytes.size());
  for (const char byte : bytes) {
    const bool behind_cr = !before.empty() && before.back() == '\r';
    if (byte == '\n' && !behind_cr) return std::nullopt;
    if (byte == '\n') before.pop_back();
    before += byte;
  }
  if (before.size() == bytes.size() || !chunks_fit(before)) return std::nullopt;
  return before;
}

}  // namespace auralis
