// SPDX-License-Identifier: MIT
// One listener of a station: a cursor into the track of one codec, and the connection that its packets leave on. How
// they leave is up to its two kinds: a player of plain HTTP (player.h) and a listener of the WebSocket (socket_listener.h).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "net/stream.h"
#include "net/web_socket.h"
#include "serve/codec.h"

namespace auralis {

class Station;

class Listener {
 public:
  Listener(Stream& stream, Station& station, const CodecInfo& codec);
  virtual ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  const CodecInfo& codec() const { return codec_; }
  bool joined() const { return joined_; }
  // As the listener reported it.
  const std::optional<double>& buffer_ms() const { return buffer_ms_; }
  // From here on it is sent the stream, from a little before now; the station is open.
  void join(int64_t now_us);
  // It hears nothing any more.
  void leave();
  // There may be something to write.
  void wake() { stream_.want_writable(); }
  // It has not been sent all that its track holds.
  bool is_owed_packet() const;
  // There is a packet to write: at once, where nothing has to leave before it.
  virtual void on_packet() { wake(); }

  virtual void on_writable() = 0;
  // Text for those that read texts.
  virtual bool reads_texts() const { return false; }
  virtual void send(const PacketPtr&) {}
  // Says goodbye, once what is owed has left.
  virtual void close(const CloseReason& why) = 0;
  // Four times a second: a listener that takes nothing, or sends no pong, is disconnected.
  virtual void check(int64_t now_us);
  // Nothing of what it should hear or read is still to be sent.
  virtual bool has_all() const;

 protected:
  // Sends what a packet holds, as this kind of listener takes it.
  virtual void write(std::string_view bytes) { stream_.write(bytes); }
  virtual void on_joined() {}
  // A follower of events has lost some: what it has is of no use without them, and it begins anew.
  virtual void on_lost_events() {}
  void write_packet();
  Stream& stream() { return stream_; }
  const Stream& stream() const { return stream_; }
  Station& station() { return *station_; }
  const Station& station() const { return *station_; }
  void set_buffer(double ms) { buffer_ms_ = ms; }

 private:
  friend class Listeners;
  void count_drops();
  void catch_up();
  const Track& track() const;

  Stream& stream_;
  std::shared_ptr<Station> station_;  // which may have ended
  const CodecInfo& codec_;
  bool is_added_ = false;  // to the station's listeners
  bool joined_ = false;    // the stream was there
  Cursor cursor_;
  size_t lane_ = 0;  // of a follower's messages
  uint64_t counted_drops_ = 0;
  uint64_t seen_taken_ = 0;
  int64_t joined_us_ = 0;
  int64_t moved_us_ = 0;  // when it last took something, or had everything
  std::optional<double> buffer_ms_;
};

}  // namespace auralis
