// SPDX-License-Identifier: MIT
// One connection, with TLS or without: bytes come, bytes are written, and it ends in one of two ways:
// finish() lets the other end read all that was said and close, hang_up() is at once.
//   write      whole: what the kernel does not take is kept, and on_writable() comes when all of it has left
//   reading    stops while the handler does not want to read, and while something written has not left: of a connection
//              that takes nothing, nothing is taken
//   errors     of the connection close it; the handler is destroyed then
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct lws;

namespace auralis {

class Loop;
struct LoopSettings;

class StreamHandler {
 public:
  virtual ~StreamHandler() = default;
  virtual void on_bytes(std::string_view bytes) = 0;
  // All that was written has left. Called after want_writable().
  virtual void on_writable() = 0;
  virtual bool wants_bytes() const = 0;
};

class Stream {
 public:
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream();

  const std::string& address() const { return address_; }
  bool is_encrypted() const;
  int64_t heard_us() const { return heard_us_; }  // when bytes came last

  void want_writable();
  // Whether write() would reach the kernel now: nothing waits to leave or to be read before it, and the socket has room.
  bool takes_at_once() const;
  void write(std::string_view bytes);
  // Asks the handler again whether it wants to read.
  void update_reading();
  // Hangs up unless another deadline is set, or none, before.
  void deadline(int seconds);
  void no_deadline();
  // Counts bytes that nobody wants; after too many it hangs up.
  void discard(std::string_view bytes);
  // All was said. Closing a socket with unread bytes in it resets the connection, and a reset takes away what the other
  // end has not read yet: so what still comes is read and discarded until it closes, so much and so long.
  void finish();
  void hang_up();
  // About as many bytes as the kernel may hold for a slow reader.
  void keep_at_most(int bytes);

 private:
  friend struct StreamEvents;  // what libwebsockets calls
  Stream(lws* wsi, const LoopSettings& settings);
  void on_bytes(std::string_view bytes);
  void on_writable();
  bool set_reading();  // whether that is new

  lws* wsi_;
  const LoopSettings& settings_;
  std::string address_;
  std::shared_ptr<StreamHandler> handler_;
  bool reading_ = true;
  bool finishing_ = false;
  bool failed_ = false;
  int64_t heard_us_ = 0;
  size_t discarded_ = 0;
};

}  // namespace auralis
