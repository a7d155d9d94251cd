// SPDX-License-Identifier: MIT
// A whole render: events come in, sound goes out as soon as it may be made, and a report says what it was.
//   endings   with `end` the sound is exactly that long; without, what sounds rings out; a stop request or bad input
//             fades what was begun (see auralis-render(1), HOW A PIECE ENDS)
//   answer    false where a stop request broke the piece off
//   errors    Error{bad_input} and Error{environment} after the sound so far is safe, as NAME.partial.EXT; ClosedPipe where
//             the reader of the sound has gone; Error{interrupted} where a stop came before any sound, or whoever reads it
//             takes nothing any more
#pragma once

#include "render/job.h"

namespace auralis {

bool render(const RenderJob& job);

}  // namespace auralis
