// SPDX-License-Identifier: MIT
// Controls, at every door: as JSON, as the annotation of a stream, and value by value as a command line gives them.
#include <nlohmann/json.hpp>
#include <string>

#include "fuzz/harness/target.h"
#include "model/control.h"
#include "model/json_text.h"

namespace auralis {

AURALIS_FUZZ_TARGET(control) {
  for (const ControlInfo& info : control_table) {
    try {
      parse_text(info, std::string(bytes));
    } catch (const ControlError& error) {
      // Or a part of it, such as mix.focus.
      AURALIS_CLAIM((error.field + ".").starts_with(std::string(info.name) + "."));
    }
  }
  const auto object = parse_json(bytes);
  if (object.is_object()) {
    const auto applied = control_fields(parse_annotation(object));
    AURALIS_CLAIM(control_fields(parse_control(applied)) == applied);
  }
  const auto fields = control_fields(parse_control(object));
  AURALIS_CLAIM(control_fields(parse_control(fields)) == fields);
}

}  // namespace auralis
