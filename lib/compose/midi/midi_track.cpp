// SPDX-License-Identifier: MIT
#include "compose/midi/midi_track.h"

namespace auralis {

int Bytes::peek() const {
  if (empty()) throw Wrong{at_, "the data ends here, expected more of the event"};
  return static_cast<unsigned char>(all_[at_]);
}

int Bytes::byte() {
  const int value = peek();
  ++at_;
  return value;
}

uint32_t Bytes::number(int bytes) {
  uint32_t value = 0;
  while (bytes-- > 0) value = (value << 8) | static_cast<uint32_t>(byte());
  return value;
}

uint32_t Bytes::length() {
  const size_t start = at_;
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    const int next = byte();
    value = (value << 7) | static_cast<uint32_t>(next & 0x7f);
    if ((next & 0x80) == 0) return value;
  }
  throw Wrong{start, "a number longer than four bytes, expected a variable-length quantity"};
}

std::string_view Bytes::take(size_t count) {
  if (count > end_ - at_) {
    throw Wrong{
        at_, "an event of " + std::to_string(count) + " bytes with " + std::to_string(end_ - at_) + " left"};
  }
  at_ += count;
  return all_.substr(at_ - count, count);
}

int Bytes::data() {
  if ((peek() & 0x80) != 0) throw Wrong{at_, "a status byte, expected a data byte below 128"};
  return byte();
}

uint64_t read_track(Bytes& in, int track, std::vector<MidiMessage>& messages) {
  uint64_t tick = 0;
  int running = 0;
  while (!in.empty()) {
    tick += in.length();
    MidiMessage message{tick, in.offset(), track, in.peek(), 0, 0, {}};
    if (message.status >= 0x80) {
      in.byte();
    } else if (running != 0) {
      message.status = running;
    } else {
      throw Wrong{in.offset(), "a data byte with no status before it, expected an event"};
    }
    if (message.status < 0xf0) {
      // Metas and sysex should end running status; files in the wild go on with it, and no other reading is possible.
      running = message.status;
      message.first = in.data();
      const int kind = message.status & 0xf0;
      if (kind != 0xc0 && kind != 0xd0) message.second = in.data();
    } else if (message.status == 0xff) {
      message.first = in.byte();
      message.meta = in.take(in.length());
      if (message.first == 0x2f) return tick;
    } else if (message.status == 0xf0 || message.status == 0xf7) {
      in.take(in.length());
      continue;
    } else {
      throw Wrong{message.offset,
                  "a status byte that no file may hold, expected a channel event, sysex or meta"};
    }
    messages.push_back(message);
  }
  return tick;
}

MidiDivision read_division(uint32_t word, size_t offset) {
  if ((word & 0x8000) == 0) {
    if (word == 0) throw Wrong{offset, "0 ticks a quarter note, expected at least 1"};
    return {static_cast<double>(word), 0.0};
  }
  const int frames = 256 - static_cast<int>(word >> 8);
  const int ticks = static_cast<int>(word & 0xff);
  if ((frames != 24 && frames != 25 && frames != 29 && frames != 30) || ticks == 0) {
    throw Wrong{offset, "an SMPTE division of " + std::to_string(frames) + " frames and " +
                            std::to_string(ticks) + " ticks, expected 24, 25, 29 or 30 frames"};
  }
  return {0.0, (frames == 29 ? 30000.0 / 1001.0 : frames) * ticks};
}

}  // namespace auralis
