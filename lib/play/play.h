// SPDX-License-Identifier: MIT
// A whole station as one process to start, watch and end: auralis-compose | auralis-render | auralis-serve.
//   failure    each of the three may die: the server is started again and goes on with the piece that plays, the other two
//              with a new one (see music.h). What fails before it was ready, or refuses what it was told, ends the station
//              with its status; so does a server that somebody else ended
//   SIGINT     the piece comes to its end as pieces do; a second one ends at once
//   SIGTERM, SIGHUP   the sound fades, and all is over within ending_s
//   orphans    where this process is killed, the kernel ends the three
//   socket     one that was handed over (base/listen_fds.h) is kept, and given to each server
//   ready      said when the port is taken and sound leaves, to the log and to our own supervisor (base/notify.h)
//   result     the exit status
#pragma once

#include "process/music.h"

namespace auralis {

inline constexpr double ending_s = 3.0;

struct PlaySettings {
  Launch compose;
  Launch render;
  Launch serve;
};

int play(const PlaySettings& settings);

}  // namespace auralis
