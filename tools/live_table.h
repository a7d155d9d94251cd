// SPDX-License-Identifier: MIT
// A station's figures as a table on a terminal, with sparklines of what was before.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "live_snapshot.h"

namespace auralis {

// What a figure was at the last snapshots, by the figure that a sparkline follows, such as "encode_ms.p50".
using History = std::map<std::string, std::deque<double>>;

// Adds a snapshot, and forgets those before the last `kept`.
void remember(const Snapshot& snapshot, size_t kept, History& history);

// `lines`: how many there is room for; what matters less is left out where they are few. `emphasised`: headings in bold.
std::string live_table(const Snapshot& snapshot, const History& history, size_t lines, bool emphasised);

}  // namespace auralis
