// SPDX-License-Identifier: MIT
#include "net/refusal.h"

#include <nlohmann/json.hpp>

namespace auralis {

nlohmann::json refusal_json(const Refusal& refusal) {
  nlohmann::json out{{"type", "error"},
                     {"code", refusal.code},
                     {"message", refusal.message},
                     {"recoverable", refusal.recoverable}};
  if (!refusal.field.empty()) out["field"] = refusal.field;
  return out;
}

}  // namespace auralis
