// SPDX-License-Identifier: MIT
#include "serve/broadcast.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "audio/pcm.h"
#include "base/clock.h"
#include "serve/limits.h"

namespace auralis {
namespace {

constexpr int64_t flush_ms = 60;  // more than an encoder and its resampler hold
constexpr int unknown_rate = 44100;

std::vector<float> as_floats(std::string_view s16) {
  std::vector<float> samples(s16.size() / 2);
  decode_pcm(s16, SampleFormat::s16, samples.data());
  return samples;
}

// Sixteen bits pass as they came; anything finer is dithered.
bool is_whole_16_bit(const std::vector<float>& samples) {
  return std::all_of(samples.begin(), samples.end(), [](float sample) {
    const float scaled = sample * 32768.0F;
    return scaled == std::nearbyint(scaled);
  });
}

}  // namespace

Broadcast::Broadcast(Feed::Open open, const BroadcastSettings& settings, std::function<void()> arrived)
    : settings_(settings),
      events_{std::vector(event_lanes, Track(limits::behind_us)), nullptr, 0},
      outlets_(settings.outlets),
      recent_(settings.recent_s),
      feed_(std::move(open), settings.feed, std::move(arrived)) {
  for (size_t i = 0; i < codecs().size(); ++i) channels_.push_back({{Track(limits::behind_us)}, nullptr, 0});
}

Broadcast::Channel& Broadcast::channel(const CodecInfo& codec) {
  if (&codec == &events_codec()) return events_;
  return channels_[static_cast<size_t>(&codec - codecs().data())];
}

const Broadcast::Channel& Broadcast::channel(const CodecInfo& codec) const {
  if (&codec == &events_codec()) return events_;
  return channels_[static_cast<size_t>(&codec - codecs().data())];
}

bool Broadcast::is_playing() const {
  return is_open() && playout_->started() && !playout_->stalled() && !is_over();
}

bool Broadcast::is_carried() const { return recorder_ != nullptr || outlets_.any_is_up(); }

void Broadcast::begin() {
  format_ = {feed_.format().rate, feed_.format().channels, settings_.chunk_ms, settings_.opus_bits_per_second,
             settings_.tags};
  PlayoutSettings playout;
  playout.rate = format_.rate;
  playout.chunk_ms = settings_.chunk_ms;
  playout.margin_ms = std::min(playout.margin_ms, settings_.chunk_ms / 4);
  playout.skip_backlog = settings_.skip_backlog;
  playout_ = std::make_unique<Playout>(feed_.ring(), playout);
  if (!settings_.record.empty())
    recorder_ = std::make_unique<Recorder>(settings_.record, format_.rate, format_.channels);
  outlets_.begin(sink_format());
}

void Broadcast::carry_to(std::vector<OutletSettings> outlets) {
  outlets_.follow(std::move(outlets));
  if (is_open()) outlets_.begin(sink_format());
}

bool Broadcast::advance(int64_t now_us) {
  if (!is_open()) {
    if (!feed_.open()) return false;
    begin();
  }
  take_starts();
  // Before it is seen how many are there, so that none slips through between.
  feed_.call_when_there_are(playout_->chunk_frames());
  bool pushed = false;
  while (const std::optional<Chunk> chunk = playout_->next(now_us, feed_.ended(), feed_.waited())) {
    push(*chunk);
    pushed = true;
  }
  if (playout_->awaited_frames() == 0) feed_.call_for_no_frames();
  return pushed;
}

void Broadcast::take_starts() {
  for (const Feed::Start& start : feed_.take_starts()) {
    if (start.cut) playout_->cut_at(start.frame);
    piece_.may_start_at(start.frame);
  }
}

void Broadcast::push(const Chunk& chunk) {
  auto sound = std::make_shared<Sound>();
  sound->position = chunk.position;
  sound->frames = chunk.frames;
  sound->sequence = sequence_++;
  sound->discontinuity = chunk.discontinuity;
  sound->due_us = chunk.due_us;
  append_pcm(chunk.samples, SampleFormat::s16, sound->s16,
             is_whole_16_bit(chunk.samples) ? std::optional<int64_t>() : chunk.position * format_.channels);
  sound->samples = as_floats(sound->s16);
  if (recorder_) recorder_->add(sound->samples);
  if (recent_.kept_s() > 0.0) recent_.keep(sound->s16, sound->frames, format_.rate);

  const int64_t begun_us = monotonic_us();
  for (Channel& channel : channels_)
    if (channel.listeners > 0) encode(channel, *sound);
  encode_ms_.observe(static_cast<double>(monotonic_us() - begun_us) / limits::us_per_ms);
  outlets_.play(
      {std::shared_ptr<const std::vector<float>>(sound, &sound->samples), sound->position, sound->due_us});
  history_.push_back(std::move(sound));
  while (history_.back()->due_us - history_.front()->due_us >= limits::behind_us) history_.pop_front();
}

void Broadcast::encode(Channel& channel, const Sound& sound) {
  std::vector<PacketPtr> packets;
  channel.codec->encode(sound, packets);
  for (PacketPtr& packet : packets) channel.lanes.front().push(std::move(packet));
}

void Broadcast::flush() {
  if (!is_open() || std::exchange(flushed_, true)) return;
  outlets_.finish();
  if (recorder_) recorder_->end();
  Sound silence;
  silence.position = position();
  silence.frames = format_.rate * flush_ms / 1000;
  silence.samples.assign(static_cast<size_t>(silence.frames * format_.channels), 0.0F);
  silence.due_us = playout_->wake_us();
  for (Channel& channel : channels_) {
    std::vector<PacketPtr> packets;
    if (channel.codec) channel.codec->finish(silence, packets);
    for (PacketPtr& packet : packets) channel.lanes.front().push(std::move(packet));
  }
}

void Broadcast::tell(const std::string& title) { outlets_.tell(title); }

void Broadcast::finish(int64_t sinks_us) {
  outlets_.leave(static_cast<double>(sinks_us) / limits::us_per_s);
  if (recorder_) recorder_->finish();
  if (!settings_.feed.ends_by_owner) feed_.rethrow();  // else it was cut off
}

void Broadcast::push_events(std::vector<EventMessage> messages) {
  for (EventMessage& message : messages) events_.lanes[message.lane].push(std::move(message.packet));
}

Cursor Broadcast::join(const CodecInfo& codec, size_t lane) {
  Channel& joined = channel(codec);
  const int64_t history_us = codec.history_ms * limits::us_per_ms;
  if (joined.listeners++ == 0 && codec.start != nullptr) {
    joined.codec = codec.start(format_);
    for (const auto& sound : history_)
      if (history_.back()->due_us - sound->due_us < history_us) encode(joined, *sound);
  }
  return joined.lanes[lane].join(history_us);
}

void Broadcast::leave(const CodecInfo& codec) {
  Channel& left = channel(codec);
  if (--left.listeners > 0) return;
  for (Track& lane : left.lanes) lane.clear();
  left.codec.reset();
}

int64_t Broadcast::position_in(const CodecInfo& codec, int64_t position) const {
  if (codec.rate == 0 || !is_open()) return std::max<int64_t>(position, 0);
  return std::max<int64_t>(std::llround(static_cast<double>(position) * codec.rate / format_.rate), 0);
}

int64_t Broadcast::position_of_second(double t_s, double newest_s) {
  if (!is_open()) return std::llround(t_s * unknown_rate);
  take_starts();  // those since the last chunk, too
  return playout_->position_of(piece_.input_frame_of(t_s, newest_s, feed_.ring().written(), format_.rate));
}

void Broadcast::add_figures(nlohmann::json& figures) const {
  encode_ms_.add_to(figures, "encode_ms");
  for (const char* left_out : {"p95", "max"}) figures["encode_ms"].erase(left_out);
  for (const auto& [name, now] : outlets_.figures())
    figures["sinks"][name] = {
        {"up", now.up ? 1 : 0}, {"lost_s_total", now.lost_s}, {"failures_total", now.failures}};
  figures["buffer_depth_ms"] =
      is_open() ? 1000.0 * static_cast<double>(feed_.ring().available_frames()) / format_.rate : 0.0;
  figures["underruns_total"] = playout_ ? playout_->underruns() : 0;
  figures["clock_shifts_total"] = playout_ ? playout_->clock_shifts() : 0;
  figures["skipped_frames_total"] = playout_ ? playout_->skipped_frames() : 0;
}

}  // namespace auralis
