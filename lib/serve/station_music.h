// SPDX-License-Identifier: MIT
// The composer and the renderer of a station that the server plays itself: a Music (process/music.h) driven by the loop,
// and the pipe that its sound comes through.
//   end     kills both at once; whoever reads the sound then comes to its end
//   over    by itself, where Music is: the sound ends then, too
//   errors  Error{environment} where they cannot be started
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "net/loop.h"
#include "process/music.h"
#include "serve/feed.h"

namespace auralis {

class StationMusic {
 public:
  StationMusic(Loop& loop, Music::Settings settings);
  ~StationMusic();
  StationMusic(const StationMusic&) = delete;
  StationMusic& operator=(const StationMusic&) = delete;

  // What the feed reads; this must live longer than the feed.
  Feed::Open sound() const;
  void end();
  bool over() const { return music_->over(); }

 private:
  struct Pipe {
    Pipe();
    ~Pipe();
    void close_write_end();
    int read = -1;
    int write = -1;
  };

  void step();
  void watch();

  Loop& loop_;
  std::string name_;
  Pipe pipe_;
  std::optional<Music> music_;
  Timer wake_;
  std::vector<std::unique_ptr<Watch>> watches_;
};

}  // namespace auralis
