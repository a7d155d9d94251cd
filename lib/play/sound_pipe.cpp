// SPDX-License-Identifier: MIT
#include "play/sound_pipe.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "audio/pcm.h"
#include "base/error.h"
#include "base/io.h"
#include "process/child.h"

namespace auralis {
namespace {

// As auralis-render writes it unless it is told otherwise.
constexpr PcmFormat stream_format{};

}  // namespace

SoundPipe::SoundPipe() {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    throw Error(Exit::environment, std::string("cannot make a pipe: ") + std::strerror(errno));
  read_ = ends[0];
  write_ = ends[1];
}

SoundPipe::~SoundPipe() { close(); }

bool SoundPipe::begin_anew(Child* renderer) const {
  const bool held = renderer != nullptr && renderer->hold();
  if (!held && renderer != nullptr && !renderer->is_over())
    throw Error(Exit::environment, "the renderer cannot be held");
  drain();
  if (!held) return false;
  write_all(write_, wav_header(stream_format), "<the renderer's pipe>");
  renderer->go_on();
  return true;
}

void SoundPipe::drain() const {
  std::array<char, 65536> dropped;
  pollfd there{read_, POLLIN, 0};
  while (::poll(&there, 1, 0) == 1 && (there.revents & POLLIN) != 0) {
    if (::read(read_, dropped.data(), dropped.size()) <= 0) return;
  }
}

void SoundPipe::close_write_end() {
  if (write_ >= 0) ::close(write_);
  write_ = -1;
}

void SoundPipe::close() {
  close_write_end();
  if (read_ >= 0) ::close(read_);
  read_ = -1;
}

}  // namespace auralis
