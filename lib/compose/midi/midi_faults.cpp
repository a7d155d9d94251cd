// SPDX-License-Identifier: MIT
#include "compose/midi/midi_faults.h"

#include <string_view>

namespace auralis {
namespace {

struct Words {
  std::string_view one, many, instead;
};

constexpr std::array<Words, static_cast<size_t>(MidiFault::count)> words{{
    {"file with CR LF for each LF", "files with CR LF for each LF", "read as it was"},
    {"header of another length than 6 bytes", "headers of another length than 6 bytes", ""},
    {"unknown type", "unknown types", "played as type 1"},
    {"number of tracks that is not that of the file", "numbers of tracks that are not those of the file", ""},
    {"wrong track length", "wrong track lengths", "the events say where a track ends"},
    {"stretch between tracks that is no chunk", "stretches between tracks that are no chunks", "left out"},
    {"data byte above 127", "data bytes above 127", "taken as 127, a key or controller left out"},
    {"stray system byte", "stray system bytes", "left out"},
    {"place where no event begins", "places where no event begins",
     "read on at the next byte that begins one"},
    {"event that is cut off", "events that are cut off", "the rest of the track is left out"},
    {"tempo of nothing", "tempos of nothing", "left out"},
    {"event too late to be meant", "events too late to be meant", "what follows is left out"},
    {"port beyond the sixteenth", "ports beyond the sixteenth", "taken as the sixteenth"},
}};

const Words& words_of(MidiFault fault) { return words[static_cast<size_t>(fault)]; }

}  // namespace

void MidiFaults::add(MidiFault fault, size_t byte) {
  if (total_++ == 0) first_ = fault;
  Count& count = counts_[static_cast<size_t>(fault)];
  if (count.times++ == 0) count.first_byte = byte;
}

std::string MidiFaults::first() const {
  return "byte " + std::to_string(counts_[static_cast<size_t>(first_)].first_byte) + ": " +
         std::string(words_of(first_).one);
}

std::string MidiFaults::warning(const std::string& name) const {
  std::string text = name + ": " + std::to_string(total_) +
                     (total_ == 1 ? " fault is passed over: " : " faults are passed over: ");
  std::string_view comma;
  for (size_t i = 0; i < counts_.size(); ++i) {
    const Count& count = counts_[i];
    if (count.times == 0) continue;
    text += comma;
    text += std::to_string(count.times) + " ";
    text += count.times == 1 ? words[i].one : words[i].many;
    text += count.times == 1 ? " (at byte " : " (first at byte ";
    text += std::to_string(count.first_byte);
    if (!words[i].instead.empty()) text += "; " + std::string(words[i].instead);
    text += ")";
    comma = ", ";
  }
  return text;
}

}  // namespace auralis
