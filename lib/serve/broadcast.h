// SPDX-License-Identifier: MIT
// From the input to what listeners are sent: feed → playout → one track for each codec that somebody hears.
//   position  frames since the stream began, at the input's rate; in a codec of another rate the same moment at that
//   threads   all but the feed's and the recorder's on the caller's
#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "figures/latency.h"
#include "radio/outlets.h"
#include "serve/codec.h"
#include "serve/event_feed.h"
#include "serve/feed.h"
#include "serve/piece_clock.h"
#include "serve/playout.h"
#include "serve/recent.h"
#include "serve/recorder.h"
#include "serve/track.h"

namespace auralis {

struct BroadcastSettings {
  int chunk_ms = 100;
  FeedSettings feed;
  bool skip_backlog = true;  // of an input that keeps its own time
  int opus_bits_per_second = auralis::opus_bits_per_second;
  StationTags tags{};
  std::vector<OutletSettings> outlets{};  // where the sound is carried, beside the listeners
  std::filesystem::path record;           // empty: nothing is kept
  double recent_s = 0.0;                  // kept for who asks for what was sent lately
};

class Broadcast {
 public:
  // `arrived` is called from another thread: advance() has something to do.
  Broadcast(Feed::Open open, const BroadcastSettings& settings, std::function<void()> arrived);

  // Moves every chunk that is due into the tracks; true when there was one.
  bool advance(int64_t now_us);
  int64_t wake_us() const { return playout_ ? playout_->wake_us() : 0; }

  // The input is open and its format known; all else below needs it.
  bool is_open() const { return playout_ != nullptr; }
  bool is_playing() const;
  // Everything was handed out, or nothing ever came.
  bool is_over() const { return is_open() ? playout_->finished() : feed_.ended(); }
  // It is recorded, or arrives elsewhere than at listeners.
  bool is_carried() const;
  // From here on the sound fades to silence, and then it is over; needs is_open().
  void fade_out() { playout_->end(); }
  // Once over: what the encoders still hold, and the end of the recording; only the first time.
  void flush();
  // To other places than before.
  void carry_to(std::vector<OutletSettings> outlets);
  // To be shown where the sound is carried.
  void tell(const std::string& title);
  // After flush(): no sink has anything to carry.
  bool sinks_have_ended() const { return outlets_.have_ended(); }
  // After flush(): the file has its name, or failed.
  bool recording_has_ended() const { return recorder_ == nullptr || recorder_->has_ended(); }
  // The recording gets its name, and what is carried elsewhere ends; all sinks together have so long. Throws what ended
  // it, or the input.
  void finish(int64_t sinks_us);

  const Recent& recent() const { return recent_; }
  // Where one of the outlets leaves files for listeners; empty: none does.
  std::filesystem::path hls() const { return outlets_.address_of(hls_kind); }
  const StationTags& tags() const { return settings_.tags; }
  // For those who come from now on.
  void rename(StationTags tags) { settings_.tags = format_.tags = std::move(tags); }
  const StreamFormat& format() const { return format_; }
  int chunk_ms() const { return settings_.chunk_ms; }
  int64_t position() const { return playout_ ? playout_->position() : 0; }
  // A position in the rate that this codec's frames count in; never below 0.
  int64_t position_in(const CodecInfo& codec, int64_t position) const;
  // Where second `t_s` of the composer's present piece is heard; `newest_s` is the newest that it has released.
  int64_t position_of_second(double t_s, double newest_s);
  // Which frame of the input a position will be, if nothing happens in between; needs is_open().
  int64_t input_frame_at(int64_t position) const {
    return position - playout_->position() + feed_.ring().taken();
  }
  void composer_restarted() { piece_.restart(); }

  // Messages for those that joined events_codec().
  void push_events(std::vector<EventMessage> messages);
  bool has_followers() const { return events_.listeners > 0; }

  // A new listener's cursor; each join() is matched by one leave(). Of the lanes, events alone have more than the first.
  Cursor join(const CodecInfo& codec, size_t lane = 0);
  void leave(const CodecInfo& codec);
  const Track& track(const CodecInfo& codec, size_t lane = 0) const { return channel(codec).lanes[lane]; }
  // What a player needs before the first packet; after join().
  std::string header(const CodecInfo& codec) const { return channel(codec).codec->header(); }

  // serve's figures of the sound: buffer_depth_ms, underruns_total, encode_ms, …
  void add_figures(nlohmann::json& figures) const;

 private:
  struct Channel {
    std::vector<Track> lanes;
    std::unique_ptr<Codec> codec;  // while somebody listens
    int listeners = 0;
  };
  Channel& channel(const CodecInfo& codec);
  const Channel& channel(const CodecInfo& codec) const;
  void begin();
  SinkFormat sink_format() const { return {format_.rate, format_.channels, format_.tags}; }
  void take_starts();
  void push(const Chunk& chunk);
  static void encode(Channel& channel, const Sound& sound);

  BroadcastSettings settings_;
  StreamFormat format_;
  std::unique_ptr<Playout> playout_;
  std::vector<Channel> channels_;  // as codecs()
  Channel events_;
  std::deque<std::shared_ptr<const Sound>> history_;
  uint32_t sequence_ = 0;
  bool flushed_ = false;
  std::unique_ptr<Recorder> recorder_;
  Outlets outlets_;
  Recent recent_;
  Latency encode_ms_;
  PieceClock piece_;
  Feed feed_;  // last: its thread ends first
};

}  // namespace auralis
