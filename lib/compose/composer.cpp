// SPDX-License-Identifier: MIT
#include "compose/composer.h"

#include "compose/piece.h"

namespace auralis {

Composer::Composer(const Preset& preset, const ComposeSettings& settings)
    : piece_(std::make_unique<Piece>(preset, settings)) {}
Composer::~Composer() = default;
Composer::Composer(Composer&&) noexcept = default;
Composer& Composer::operator=(Composer&&) noexcept = default;

void Composer::compose_until(double t_s, std::vector<Event>& out) { piece_->compose_until(t_s, out); }
bool Composer::ended() const { return piece_->ended(); }
Control Composer::apply(const Control& control, double t_s, std::vector<Event>& out) {
  return piece_->apply(control, t_s, out);
}
double Composer::finish(double t_s, std::vector<Event>& out) { return piece_->finish(t_s, out); }
Composer::State Composer::state() const { return piece_->state(); }

}  // namespace auralis
