// SPDX-License-Identifier: MIT
#include "compose/live/offline.h"

#include <algorithm>
#include <string>

#include "base/error.h"
#include "base/log.h"
#include "base/stop.h"
#include "base/text.h"
#include "compose/chart/chart_reader.h"
#include "compose/preset/harmony_tables.h"
#include "compose/preset/preset_files.h"
#include "compose/tuning/tuning_files.h"
#include "model/music.h"

namespace auralis {
namespace {

constexpr double step_s = 10.0;

MelodyKind melody_kind(const std::optional<std::string>& name) {
  if (!name) return MelodyKind::constraint;
  return static_cast<MelodyKind>(std::ranges::find(melody_names, *name) - melody_names.begin());
}

void apply_logged(Composer& composer, const ControlLog& log, const ControlLog::Entry& entry,
                  std::vector<Event>& events) {
  try {
    composer.apply(entry.control, entry.t, events);
  } catch (const ControlError& error) {
    throw Error::at(log.path, entry.line, error.what());
  }
}

// As the log says, or the signal.
Ending ending_of(const ControlLog& log) {
  if (log.stop_s) return log.ending;
  return stop_kind() == StopKind::quick ? Ending::quick : Ending::musical;
}

}  // namespace

ComposeSettings compose_settings(const PieceOptions& options, const Preset& preset) {
  ComposeSettings settings;
  settings.seed = options.seed.value_or(0);
  settings.duration_s = options.duration_s;
  settings.cut_s = options.cut_s;
  settings.initial = options.initial;
  settings.melody = melody_kind(options.melody);
  settings.harmony = installed_harmony_tables();
  settings.find_preset = load_preset;
  settings.find_tuning = find_tuning_by_name;
  if (options.tuning || options.keyboard)
    settings.tuning = load_tuning(options.tuning.value_or(""), options.keyboard.value_or(""));
  if (options.harmony) {
    const std::string* key = options.initial.text(ControlId::key);
    const std::string* mode = options.initial.text(ControlId::mode);
    const Scale scale{key_pitch_class(key != nullptr ? *key : preset.key).value_or(0),
                      find_mode(mode != nullptr ? *mode : preset.mode)};
    settings.chart = read_harmony(*options.harmony, scale);
  }
  return settings;
}

void compose_offline(Composer& composer, const ControlLog& log, DayPlayer* day,
                     const std::function<void(std::vector<Event>& events, double t_s)>& write) {
  std::vector<Event> events;
  auto control = log.controls.begin();
  bool finishing = false;
  for (double t = 0.0; !composer.ended();) {
    double next = t + step_s;
    const double day_t = day != nullptr && !finishing ? day->next() - day->begins() : never;
    if (control != log.controls.end() && control->t <= std::min(next, day_t)) {
      next = control->t;
      apply_logged(composer, log, *control++, events);
    } else if (!finishing && (stop_requested() || (log.stop_s && *log.stop_s <= next))) {
      finishing = true;
      if (log.stop_s && *log.stop_s >= t) next = std::min(next, *log.stop_s);
      composer.compose_until(next, events);
      if (!composer.ended()) {
        const double over_s = composer.finish(next, events, ending_of(log));
        if (!log.stop_s) {
          log_info("ending at " + minutes_and_seconds(over_s) + " of the piece; " + once_more_ends_at_once);
        }
      }
      control = log.controls.end();
    } else if (day_t <= next) {
      next = std::max(day_t, t);
      apply_day(composer, *day, day->next(), next, events);
    } else {
      composer.compose_until(next, events);
    }
    t = next;
    write(events, t);
    events.clear();
  }
}

void apply_day(Composer& composer, DayPlayer& day, double now, double t_s, std::vector<Event>& events) {
  try {
    composer.apply(day.take(now, composer.state().controls), t_s, events);
  } catch (const ControlError& error) {
    log_warning(std::string("the schedule asks for what is not possible: ") + error.what());
  }
}

}  // namespace auralis
