// SPDX-License-Identifier: MIT
#include "serve/station_music.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "audio/pcm_source.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "serve/limits.h"
#include "serve/private_session.h"

namespace auralis {

StationMusic::Pipe::Pipe() {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    throw Error(Exit::environment, std::string("cannot make a pipe: ") + std::strerror(errno));
  read = ends[0];
  write = ends[1];
}

StationMusic::Pipe::~Pipe() {
  close_write_end();
  ::close(read);
}

void StationMusic::Pipe::close_write_end() {
  if (write >= 0) ::close(write);
  write = -1;
}

StationMusic::StationMusic(Loop& loop, Music::Settings settings)
    : loop_(loop), name_(settings.name), wake_(loop, [this] { step(); }) {
  music_.emplace(std::move(settings), pipe_.write, monotonic_s());
  watch();
}

StationMusic::~StationMusic() { end(); }

Feed::Open StationMusic::sound() const {
  return [fd = pipe_.read, name = name_] { return open_pcm_stream(fd, name); };
}

void StationMusic::end() {
  watches_.clear();
  music_->kill();
  pipe_.close_write_end();
}

void StationMusic::step() {
  music_->step(monotonic_s());
  watch();
  if (music_->over() && music_->status() != 0)
    log(LogLevel::error,
        name_ + (name_.starts_with(private_prefix) ? ": it does not start"
                                                   : ": it does not start; SIGHUP has it tried again"));
}

// What there is to wait for changes with each step; one of the watches may be the one that called.
void StationMusic::watch() {
  watches_.clear();
  if (music_->over()) return pipe_.close_write_end();
  std::vector<pollfd> ended;
  music_->add_to(ended);
  for (const pollfd& child : ended)
    watches_.push_back(std::make_unique<Watch>(loop_, child.fd, Watch::Events{[this] { step(); }}));
  if (const std::optional<double> at_s = music_->wake_s())
    wake_.start(static_cast<int64_t>((*at_s - monotonic_s()) * limits::us_per_s));
}

}  // namespace auralis
