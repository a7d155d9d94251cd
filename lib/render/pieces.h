// SPDX-License-Identifier: MIT
// Many pieces into a folder, some side by side, each as render() makes it alone.
//   checked   names and formats of all, before anything is made
//   errors    a piece that is bad input is logged and keeps no other from being made; Error{bad_input} at the end.
//             Where the environment fails no further piece is begun: Error{environment} after those in hand.
//             A stop request: Error{interrupted}
#pragma once

#include "render/job.h"

namespace auralis {

void render_pieces(const PiecesJob& job);

}  // namespace auralis
