// SPDX-License-Identifier: MIT
// The pipe from renderer to server, both of whose ends are kept here, so that each may die and come back.
//   begin_anew   for a server that starts to read while a renderer writes: what waits in the pipe is dropped, since its
//                header is long gone, and a new header put before what is still to be written. The renderer is held
//                meanwhile. It writes whole frames, and a pipe splits only at pages, so no frame is cut
//   errors       Error{environment} where there can be no pipe, or the renderer does not let itself be held
#pragma once

namespace auralis {

class Child;

class SoundPipe {
 public:
  SoundPipe();
  ~SoundPipe();
  SoundPipe(const SoundPipe&) = delete;
  SoundPipe& operator=(const SoundPipe&) = delete;

  int read_end() const { return read_; }
  int write_end() const { return write_; }

  // False where there is no renderer that could be held: then only what waits is dropped, and its successor brings the
  // header.
  bool begin_anew(Child* renderer) const;

  void close_write_end();
  void close();

 private:
  void drain() const;

  int read_ = -1;
  int write_ = -1;
};

}  // namespace auralis
