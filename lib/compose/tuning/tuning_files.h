// SPDX-License-Identifier: MIT
// Tunings by name, and as Scala's files.
//   lookup   a path (anything with a slash, or ending in .scl), else a built-in name, else NAME.scl in
//            $XDG_CONFIG_HOME/auralis/tunings (or ~/.config/auralis/tunings) or share/auralis/tunings
//   keyboard a .kbm file, a path in the same way; empty: none
//   folder   what relative paths are relative to; empty: where the program runs
//   name     of a file: what is left of its name in lower case, as a control can name it
//   errors   Error{bad_input} as of scala.h, Error{environment} for a file that cannot be read, Error{usage} for a name
//            that is not found, with all that there are
#pragma once

#include <filesystem>
#include <string>

#include "model/tuning.h"

namespace auralis {

// name_or_file empty: equal temperament, for a keyboard to map.
Tuning load_tuning(const std::string& name_or_file, const std::string& keyboard = {},
                   const std::filesystem::path& folder = {});

// As a control names one: no path is followed.
Tuning find_tuning_by_name(const std::string& name);

}  // namespace auralis
