// SPDX-License-Identifier: MIT
#include "radio/outlets.h"

#include <algorithm>

#include "base/clock.h"

namespace auralis {

void Outlets::follow(std::vector<OutletSettings> wanted) {
  std::vector<Entry> before = std::exchange(wanted_, {});
  for (OutletSettings& settings : wanted) {
    Entry& entry = wanted_.emplace_back(Entry{std::move(settings), nullptr});
    const auto known = std::find_if(before.begin(), before.end(), [&entry](const Entry& old) {
      return old.outlet && old.settings.asked == entry.settings.asked;
    });
    if (known != before.end()) entry.outlet = std::move(known->outlet);
  }
  for (Entry& gone : before) {
    if (!gone.outlet) continue;
    gone.outlet->finish();
    ending_.push_back(std::move(gone.outlet));
  }
}

void Outlets::begin(const SinkFormat& format) {
  for (Entry& entry : wanted_) {
    if (entry.outlet) continue;
    entry.outlet = std::make_unique<Outlet>(entry.settings, format);
    entry.outlet->tell(title_);
  }
}

void Outlets::play(const SinkSound& sound) {
  std::erase_if(ending_, [](const auto& outlet) { return outlet->has_ended(); });
  for (const Entry& entry : wanted_)
    if (entry.outlet) entry.outlet->play(sound);
}

void Outlets::tell(const std::string& title) {
  title_ = title;
  for (const Entry& entry : wanted_)
    if (entry.outlet) entry.outlet->tell(title);
}

void Outlets::finish() {
  for (const Entry& entry : wanted_)
    if (entry.outlet) entry.outlet->finish();
}

bool Outlets::have_ended() const {
  return !any_is_up() && std::none_of(ending_.begin(), ending_.end(),
                                      [](const auto& outlet) { return outlet->figures().up; });
}

void Outlets::leave(double patience_s) {
  const double until_s = monotonic_s() + patience_s;
  const auto leave = [until_s](Outlet& outlet) { outlet.leave(std::max(0.0, until_s - monotonic_s())); };
  finish();
  for (const auto& outlet : ending_) leave(*outlet);
  for (const Entry& entry : wanted_)
    if (entry.outlet) leave(*entry.outlet);
}

bool Outlets::any_is_up() const {
  return std::any_of(wanted_.begin(), wanted_.end(),
                     [](const Entry& entry) { return entry.outlet && entry.outlet->figures().up; });
}

std::string Outlets::address_of(const std::string& kind) const {
  const auto found = std::find_if(wanted_.begin(), wanted_.end(),
                                  [&kind](const Entry& entry) { return entry.settings.asked.kind == kind; });
  return found == wanted_.end() ? std::string() : found->settings.asked.address;
}

std::vector<std::pair<std::string, OutletFigures>> Outlets::figures() const {
  std::vector<std::pair<std::string, OutletFigures>> all;
  for (const Entry& entry : wanted_)
    if (entry.outlet) all.emplace_back(entry.settings.name, entry.outlet->figures());
  return all;
}

}  // namespace auralis
