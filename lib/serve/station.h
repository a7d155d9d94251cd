// SPDX-License-Identifier: MIT
// From the input to what listeners are sent: feed → playout → one track for each encoding somebody wants.
//   encoded   once per chunk and encoding, whatever the number of listeners; what nobody wants costs nothing
//   position  frames since the stream began, at the input's rate; in the opus track the same moment at 48 kHz
//   threads   all but the feed's and the recorder's on the caller's
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "audio/encoder.h"
#include "figures/metrics.h"
#include "serve/feed.h"
#include "serve/playout.h"
#include "serve/recorder.h"
#include "serve/track.h"

namespace auralis {

enum class Encoding { pcm, opus, base64, ogg };
inline constexpr int encodings = 4;

struct StationSettings {
  int chunk_ms = 100;
  bool loop = false;
  bool skip_backlog = true;
  int opus_bits_per_second = 128000;
  std::filesystem::path record;
};

class Station {
 public:
  // `arrived` is called from another thread: advance() has something to do.
  Station(Feed::Open open, const StationSettings& settings, std::function<void()> arrived);

  // Moves every chunk that is due into the tracks; true when there was one.
  bool advance(int64_t now_us);
  int64_t wake_us() const { return playout_ ? playout_->wake_us() : 0; }

  // The input is open and its format known; all else below needs it.
  bool open() const { return playout_ != nullptr; }
  bool playing() const { return open() && playout_->started() && !playout_->stalled() && !over(); }
  // Everything was handed out, or nothing ever came.
  bool over() const { return open() ? playout_->finished() : feed_.ended(); }
  // From here on the sound fades to silence, and then it is over; needs open().
  void end() { playout_->end(); }
  // Once over: what the encoders still hold; only the first time.
  void finish();
  void rethrow_input_error() const { feed_.rethrow(); }
  bool records() const { return recorder_ != nullptr; }
  void finish_recording();

  int rate() const { return format_.rate; }
  int channels() const { return format_.channels; }
  int chunk_ms() const { return settings_.chunk_ms; }
  int64_t position() const { return playout_ ? playout_->position() : 0; }
  double buffer_depth_ms() const;
  // Where second t of the composer's present piece is heard; `now` is the newest second it has released.
  int64_t position_of(double t_s, double now_s);
  // Which frame of the input a position will be, if nothing happens in between; needs open().
  int64_t input_of(int64_t position) const { return position - playout_->position() + feed_.ring().taken(); }
  // The composer went away and came back: its seconds count anew.
  void composer_restarted() { piece_start_is_ = PieceStart::unknown; }

  // A new listener's cursor, with the newest `history_ms` at once; each join() is matched by one leave().
  Cursor join(Encoding encoding, int history_ms);
  void leave(Encoding encoding);
  const Track& track(Encoding encoding) const { return channel(encoding).track; }
  // What a player needs before the first packet; empty for the WebSocket's encodings.
  std::string stream_header(Encoding encoding) const;
  // About what one packet holds.
  int packet_bytes(Encoding encoding) const;

  uint64_t chunks() const { return sequence_; }
  uint64_t underruns() const { return playout_ ? playout_->underruns() : 0; }
  uint64_t clock_shifts() const { return playout_ ? playout_->clock_shifts() : 0; }
  int64_t skipped_frames() const { return playout_ ? playout_->skipped_frames() : 0; }
  Latency& encode_ms() { return encode_ms_; }

 private:
  struct Sound {  // a chunk as it leaves: 16-bit, as bytes and as the same numbers in floats
    FrameHeader header;
    std::string bytes;
    std::vector<float> samples;
    int64_t due_us;
  };
  struct Channel {
    explicit Channel(int64_t kept_us) : track(kept_us) {}
    Track track;
    int listeners = 0;
  };
  Channel& channel(Encoding encoding) { return channels_[static_cast<size_t>(encoding)]; }
  const Channel& channel(Encoding encoding) const { return channels_[static_cast<size_t>(encoding)]; }
  void begin();
  void push(const Chunk& chunk);
  void encode(Encoding encoding, const Sound& sound);
  void encode_opus(const Sound& sound);

  StationSettings settings_;
  PcmFormat format_;
  std::unique_ptr<Playout> playout_;
  std::vector<Channel> channels_;
  std::deque<std::shared_ptr<const Sound>> history_;
  uint32_t sequence_ = 0;
  bool finished_ = false;

  std::unique_ptr<OpusPackets> opus_;
  uint32_t opus_sequence_ = 0;
  int64_t opus_start_ = 0;
  int64_t opus_position_ = 0;
  bool opus_discontinuity_ = false;
  std::unique_ptr<OggOpusStream> ogg_;
  std::unique_ptr<Recorder> recorder_;
  Latency encode_ms_;

  std::deque<int64_t> starts_{0};  // input frames at which a piece may have begun, newest last
  int64_t piece_start_ = 0;
  enum class PieceStart { unknown, guessed, known } piece_start_is_ = PieceStart::unknown;

  Feed feed_;  // last: its thread ends first
};

}  // namespace auralis
