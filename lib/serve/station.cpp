// SPDX-License-Identifier: MIT
#include "serve/station.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <span>
#include <utility>

namespace auralis {
namespace {

// What a listener may fall behind before it loses chunks; the client buffers as much at most.
constexpr int64_t kept_us = 3'000'000;
constexpr int64_t us_per_ms = 1000;
constexpr int64_t flush_ms = 60;  // more than an encoder and its resampler hold
constexpr size_t remembered_starts = 16;
// A renderer may lag this much behind its composer, as when it starts.
constexpr int64_t tolerated_s = 5;

std::vector<float> as_floats(std::string_view s16) {
  std::vector<float> samples(s16.size() / 2);
  decode_pcm(s16, SampleFormat::s16, samples.data());
  return samples;
}

// Sixteen bits pass as they came; anything finer is dithered.
bool whole_16_bit(const std::vector<float>& samples) {
  return std::all_of(samples.begin(), samples.end(), [](float sample) {
    const float scaled = sample * 32768.0F;
    return scaled == std::nearbyint(scaled);
  });
}

}  // namespace

Station::Station(Feed::Open open, const StationSettings& settings, std::function<void()> arrived)
    : settings_(settings), feed_(std::move(open), settings.loop, std::move(arrived)) {
  for (int i = 0; i < encodings; ++i) channels_.emplace_back(kept_us);
}

void Station::begin() {
  format_ = {SampleFormat::s16, feed_.format().rate, feed_.format().channels};
  PlayoutSettings playout;
  playout.rate = format_.rate;
  playout.chunk_ms = settings_.chunk_ms;
  playout.margin_ms = std::min(playout.margin_ms, settings_.chunk_ms / 4);
  playout.skip_backlog = settings_.skip_backlog;
  playout_ = std::make_unique<Playout>(feed_.ring(), playout);
  if (!settings_.record.empty()) {
    recorder_ = std::make_unique<Recorder>(settings_.record, format_.rate, format_.channels);
  }
}

bool Station::advance(int64_t now_us) {
  if (!open()) {
    if (!feed_.open()) return false;
    begin();
  }
  for (const Feed::Start& start : feed_.take_starts()) {
    if (start.cut) playout_->cut_at(start.frame);
    starts_.push_back(start.frame);
    if (starts_.size() > remembered_starts) starts_.pop_front();
  }
  feed_.hunger();
  bool pushed = false;
  while (const std::optional<Chunk> chunk = playout_->next(now_us, feed_.ended(), feed_.waited())) {
    push(*chunk);
    pushed = true;
  }
  return pushed;
}

void Station::push(const Chunk& chunk) {
  auto sound = std::make_shared<Sound>();
  sound->header = {Codec::pcm,
                   channels(),
                   chunk.discontinuity,
                   sequence_++,
                   static_cast<uint64_t>(chunk.position),
                   static_cast<uint32_t>(rate()),
                   static_cast<uint32_t>(chunk.frames)};
  sound->due_us = chunk.due_us;
  append_pcm(chunk.samples, SampleFormat::s16, sound->bytes,
             whole_16_bit(chunk.samples) ? std::optional<int64_t>() : chunk.position * channels());
  sound->samples = as_floats(sound->bytes);
  if (recorder_) recorder_->add(sound->samples);

  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < encodings; ++i) {
    const auto encoding = static_cast<Encoding>(i);
    if (channel(encoding).listeners > 0) encode(encoding, *sound);
  }
  encode_ms_.observe(
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count());
  history_.push_back(std::move(sound));
  while (history_.back()->due_us - history_.front()->due_us >= kept_us) history_.pop_front();
}

void Station::encode(Encoding encoding, const Sound& sound) {
  Track& track = channel(encoding).track;
  if (encoding == Encoding::opus) {
    encode_opus(sound);
  } else if (encoding == Encoding::base64) {
    const std::string message = audio_chunk_message(sound.header, sound.bytes);
    track.push(std::make_shared<Packet>(Packet::Framing::text, message, 0, message.find("\"flags\":") + 8,
                                        sound.due_us));
  } else if (encoding == Encoding::ogg) {
    std::string pages;
    ogg_->encode(sound.samples, pages);
    if (!pages.empty())
      track.push(std::make_shared<Packet>(Packet::Framing::none, pages, 0, Packet::no_flag, sound.due_us));
  } else {
    std::string message(frame_header_bytes, '\0');
    pack_header(sound.header, reinterpret_cast<unsigned char*>(message.data()));
    message += sound.bytes;
    track.push(
        std::make_shared<Packet>(Packet::Framing::binary, message, frame_header_bytes, 3, sound.due_us));
  }
}

void Station::finish() {
  if (std::exchange(finished_, true)) return;
  if (opus_) {
    const int64_t frames = rate() * flush_ms / 1000;
    Sound silence;
    silence.header.position = static_cast<uint64_t>(position());
    silence.samples.assign(static_cast<size_t>(frames * channels()), 0.0F);
    silence.due_us = playout_->wake_us();
    encode_opus(silence);
  }
  if (ogg_) {
    std::string pages;
    ogg_->finish(pages);
    channel(Encoding::ogg)
        .track.push(
            std::make_shared<Packet>(Packet::Framing::none, pages, 0, Packet::no_flag, playout_->wake_us()));
  }
}

void Station::encode_opus(const Sound& sound) {
  if (!opus_) {
    opus_ = std::make_unique<OpusPackets>(rate(), channels(), settings_.opus_bits_per_second);
    opus_start_ = std::llround(static_cast<double>(sound.header.position) * opus_rate / rate());
    opus_position_ = opus_start_ - opus_->delay_frames();  // a packet's is that of what it decodes to
  }
  std::vector<std::string> packets;
  opus_->encode(sound.samples, packets);
  while (opus_position_ < opus_start_ && !packets.empty()) {  // what the encoder began with
    packets.erase(packets.begin());
    opus_position_ += opus_packet_frames;
  }
  opus_discontinuity_ |= sound.header.discontinuity;
  if (packets.empty()) return;

  FrameHeader header{Codec::opus,
                     channels(),
                     std::exchange(opus_discontinuity_, false),
                     opus_sequence_++,
                     static_cast<uint64_t>(opus_position_),
                     opus_rate,
                     static_cast<uint32_t>(packets.size() * opus_packet_frames)};
  opus_position_ += header.frames;
  std::string message(frame_header_bytes, '\0');
  pack_header(header, reinterpret_cast<unsigned char*>(message.data()));
  for (const std::string& packet : packets) {
    message += static_cast<char>(packet.size() & 0xFF);
    message += static_cast<char>(packet.size() >> 8);
    message += packet;
  }
  channel(Encoding::opus)
      .track.push(
          std::make_shared<Packet>(Packet::Framing::binary, message, frame_header_bytes, 3, sound.due_us));
}

Cursor Station::join(Encoding encoding, int history_ms) {
  Channel& joined = channel(encoding);
  const int64_t history_us = history_ms * us_per_ms;
  if (joined.listeners++ == 0) {
    if (encoding == Encoding::ogg) {
      ogg_ = std::make_unique<OggOpusStream>(rate(), channels(), settings_.opus_bits_per_second, "Auralis");
    }
    for (const auto& sound : history_) {
      if (history_.back()->due_us - sound->due_us < history_us) encode(encoding, *sound);
    }
  }
  return joined.track.join(history_us);
}

void Station::leave(Encoding encoding) {
  Channel& left = channel(encoding);
  if (--left.listeners > 0) return;
  left.track.clear();
  if (encoding == Encoding::opus) opus_.reset();
  if (encoding == Encoding::ogg) ogg_.reset();
}

std::string Station::stream_header(Encoding encoding) const {
  return encoding == Encoding::ogg ? ogg_->header() : wav_header(format_);
}

int Station::packet_bytes(Encoding encoding) const {
  const int pcm = rate() * channels() * 2 / 1000 * settings_.chunk_ms;
  const int opus = settings_.opus_bits_per_second / 8 * settings_.chunk_ms / 1000;
  return encoding == Encoding::pcm ? pcm : encoding == Encoding::base64 ? pcm / 3 * 4 : opus;
}

double Station::buffer_depth_ms() const {
  return open() ? 1000.0 * static_cast<double>(feed_.ring().available_frames()) / rate() : 0.0;
}

int64_t Station::position_of(double t_s, double now_s) {
  if (!open()) return std::llround(t_s * 44100);
  if (piece_start_is_ != PieceStart::known) {
    // The newest second the composer released has just been read, or will be soon: of the places where the
    // input may have begun anew, the piece began at the one that fits this best.
    const int64_t guess = feed_.ring().written() - std::llround(now_s * rate());
    const int64_t nearest = *std::min_element(starts_.begin(), starts_.end(), [guess](int64_t a, int64_t b) {
      return std::llabs(a - guess) < std::llabs(b - guess);
    });
    if (std::llabs(nearest - guess) < tolerated_s * rate()) {
      piece_start_ = nearest;
      piece_start_is_ = PieceStart::known;
    } else {
      // Where none does, we came in the middle of it. What was read is never ahead of what was released, so the
      // latest of all guesses is the best: the others fell into a moment when much was on its way.
      piece_start_ = piece_start_is_ == PieceStart::guessed ? std::max(piece_start_, guess) : guess;
      piece_start_is_ = PieceStart::guessed;
    }
  }
  return playout_->position_of(piece_start_ + std::llround(t_s * rate()));
}

void Station::finish_recording() {
  if (recorder_) recorder_->finish();
}

}  // namespace auralis
