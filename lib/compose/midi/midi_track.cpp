// SPDX-License-Identifier: MIT
#include "compose/midi/midi_track.h"

#include <algorithm>
#include <cctype>

namespace auralis {
namespace {

constexpr int highest_data = 127;

// Data bytes of a channel status.
int data_count(int status) { return (status & 0xe0) == 0xc0 ? 1 : 2; }

// The length that a meta must have, or -1 where it may have any; nothing for a type that no file uses.
std::optional<int> meta_length(int type) {
  switch (type) {
    case 0x00:
      return -1;
    case 0x20:
    case 0x21:
      return 1;
    case 0x2f:
      return 0;
    case 0x51:
      return 3;
    case 0x54:
      return 5;
    case 0x58:
      return 4;
    case 0x59:
      return 2;
    case 0x7f:
      return -1;
    default:
      return type < 0x10 ? std::optional(-1) : std::nullopt;
  }
}

}  // namespace

bool is_midi_chunk(std::string_view file, size_t at) {
  if (at > file.size() || file.size() - at < 8) return false;
  const std::string_view name = file.substr(at, 4);
  if (name == "MTrk") return true;
  size_t length = 0;
  for (size_t i = 4; i < 8; ++i) length = length << 8 | static_cast<unsigned char>(file[at + i]);
  return std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) != 0; }) &&
         length <= file.size() - at - 8;
}

MidiTrack::MidiTrack(std::string_view file, size_t begin, size_t declared_end, int track, MidiFaults* faults)
    : file_(file),
      at_(begin),
      begin_(begin),
      declared_end_(declared_end),
      bound_(is_midi_chunk(file, declared_end) ? declared_end : file.size()),
      track_(track),
      faults_(faults) {}

void MidiTrack::fault(MidiFault fault, size_t byte) {
  faulty_ = true;
  if (faults_ != nullptr) faults_->add(fault, byte);
}

bool MidiTrack::next(MidiMessage& message) {
  while (!ended_) {
    ended_ = stops_here();
    if (!ended_ && read_event(message)) return true;
  }
  return false;
}

bool MidiTrack::stops_here() const {
  if (at_ >= bound_) return true;
  if (at_ == declared_end_ && declared_end_ > begin_) return true;
  return file_.compare(at_, 4, "MTrk") == 0 && at_ > begin_ && is_midi_chunk(file_, at_);
}

// False where what stands there is passed over.
bool MidiTrack::read_event(MidiMessage& m) {
  const size_t start = at_;
  if (!without_delta_) {
    const std::optional<uint32_t> delta = number();
    if (!delta) {
      fault(MidiFault::lost_status, start);
      find_event(start + 1);
      return false;
    }
    tick_ += *delta;
  }
  without_delta_ = false;
  if (at_ >= bound_) return cut_off(start);
  m = {tick_, at_, track_, byte_at(at_), 0, 0, {}};
  if (m.status >= 0x80) {
    ++at_;
  } else if (running_ != 0) {
    m.status = running_;
  } else {
    fault(MidiFault::lost_status, at_);
    find_event(at_);
    return false;
  }
  if (m.status < 0xf0) return read_channel_event(m);
  if (m.status == 0xff) return read_meta(m);
  if (m.status == 0xf0 || m.status == 0xf7) return read_sysex(m);
  pass_system_byte(m.status);
  return false;
}

bool MidiTrack::read_channel_event(MidiMessage& m) {
  running_ = m.status;
  const auto count = static_cast<size_t>(data_count(m.status));
  if (bound_ - at_ < count) return cut_off(m.offset);
  const size_t data = at_;
  at_ += count;
  m.first = byte_at(data);
  m.second = count == 2 ? byte_at(data + 1) : 0;
  if (m.first > highest_data) fault(MidiFault::data_byte, data);
  if (m.second > highest_data) fault(MidiFault::data_byte, data + 1);
  const int kind = m.status & 0xf0;
  const bool numbered = kind <= 0xb0;  // by a key or a controller
  if (numbered && m.first > highest_data) return false;
  m.first = std::min(m.first, highest_data);
  m.second = std::min(m.second, highest_data);
  return true;
}

bool MidiTrack::read_meta(MidiMessage& m) {
  if (at_ >= bound_) return cut_off(m.offset);
  m.first = byte_at(at_++);
  const std::optional<std::string_view> data = sized_data();
  if (!data) return cut_off(m.offset);
  m.data = *data;
  if (m.first != 0x2f) return true;
  ended_ = end_of_track_ = true;
  return false;
}

bool MidiTrack::read_sysex(MidiMessage& m) {
  const std::optional<std::string_view> data = sized_data();
  if (!data) return cut_off(m.offset);
  m.data = *data;
  if (m.status == 0xf7) return false;  // a piece of one that went before, or bytes for the wire
  return true;
}

// With the data bytes that it has on the wire. One that MIDI leaves undefined was a channel's status before bits of it
// turned: it goes with as many as bring a status byte behind the next delta time.
void MidiTrack::pass_system_byte(int status) {
  fault(MidiFault::stray_byte, at_ - 1);
  const bool undefined = status == 0xf4 || status == 0xf5 || status == 0xf9 || status == 0xfd;
  for (size_t data = 0; undefined && data <= 2; ++data) {
    if (!status_follows(data)) continue;
    at_ += data;
    return;
  }
  int data = status == 0xf2 ? 2 : status == 0xf1 || status == 0xf3 ? 1 : 0;
  for (; data > 0 && at_ < bound_ && byte_at(at_) <= highest_data; --data) ++at_;
}

bool MidiTrack::status_follows(size_t data) {
  const size_t start = at_;
  while (data > 0 && at_ < bound_ && byte_at(at_) <= highest_data) {
    ++at_;
    --data;
  }
  const bool follows = data == 0 && number() && at_ < bound_ && byte_at(at_) > highest_data;
  at_ = start;
  return follows;
}

std::optional<uint32_t> MidiTrack::number() {
  uint32_t value = 0;
  for (size_t at = at_; at < bound_ && value < 1u << 25; ++at) {
    value = value << 7 | static_cast<uint32_t>(byte_at(at) & 0x7f);
    if (byte_at(at) <= highest_data) {
      at_ = at + 1;
      return value;
    }
  }
  return std::nullopt;
}

std::optional<std::string_view> MidiTrack::sized_data() {
  const std::optional<uint32_t> size = number();
  if (!size || *size > bound_ - at_) return std::nullopt;
  at_ += *size;
  return file_.substr(at_ - *size, *size);
}

// Goes on where an event can begin: behind the end of a broken sysex, or at a status byte with what it needs.
void MidiTrack::find_event(size_t from) {
  for (at_ = from; at_ < bound_; ++at_) {
    if (byte_at(at_) == 0xf7) {
      ++at_;
      return;
    }
    if (may_begin(at_)) {
      without_delta_ = true;
      return;
    }
  }
}

bool MidiTrack::may_begin(size_t at) const {
  const int status = byte_at(at);
  if (status < 0x80) return false;
  if (status < 0xf0) {
    const auto count = static_cast<size_t>(data_count(status));
    if (bound_ - at <= count) return false;
    for (size_t i = 1; i <= count; ++i) {
      if (byte_at(at + i) > highest_data) return false;
    }
    return true;
  }
  if (status != 0xff || bound_ - at < 3) return false;
  const std::optional<int> length = meta_length(byte_at(at + 1));
  const int given = byte_at(at + 2);
  if (!length || given > highest_data || (*length >= 0 && *length != given)) return false;
  return static_cast<size_t>(given) <= bound_ - at - 3;
}

bool MidiTrack::cut_off(size_t at) {
  fault(MidiFault::cut_event, at);
  ended_ = true;
  at_ = std::min(at + 1, bound_);
  return false;
}

std::optional<MidiDivision> midi_division(uint32_t word) {
  if ((word & 0x8000) == 0) {
    if (word == 0) return std::nullopt;
    return MidiDivision{static_cast<double>(word), 0.0};
  }
  const int frames = 256 - static_cast<int>(word >> 8);
  const int ticks = static_cast<int>(word & 0xff);
  if ((frames != 24 && frames != 25 && frames != 29 && frames != 30) || ticks == 0) return std::nullopt;
  return MidiDivision{0.0, (frames == 29 ? 30000.0 / 1001.0 : frames) * ticks};
}

}  // namespace auralis
