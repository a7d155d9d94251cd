// SPDX-License-Identifier: MIT
#include "serve/station.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/clock.h"
#include "base/session.h"
#include "base/text.h"
#include "serve/limits.h"
#include "serve/refusals.h"

namespace auralis {
namespace {

using nlohmann::json;

constexpr double oldest_timestamp_us = 60e6;  // an older one is of another clock
// Of the composer's state: members that are about the message, and those that are reported elsewhere.
constexpr const char* not_of_the_state[] = {"type", "id", "t", "composed_at", "presets", "next_chord"};
constexpr const char* state_names[] = {"key", "mode", "bpm", "intensity", "preset", "chord", "seed"};

// Of the streams with sound that a WebSocket carries, by codec.
json rates_of(const StreamFormat& format) {
  json rates = json::object();
  for (const CodecInfo& codec : codecs())
    if (!codec.name.empty() && codec.is_heard) rates[codec.name] = bits_per_second(codec, format);
  return rates;
}

}  // namespace

Station::Station(Loop& loop, const StationSettings& settings, std::unique_ptr<StationMusic> music,
                 std::function<void(Station&)> on_over)
    : Station(loop, settings, music->sound(), std::move(on_over)) {
  music_ = std::move(music);
}

Station::Station(Loop& loop, const StationSettings& settings, Feed::Open open,
                 std::function<void(Station&)> on_over)
    : settings_(settings),
      listeners_(settings.seats),
      on_over_(std::move(on_over)),
      pace_(loop, [this] { pace(); }),
      composer_(loop, settings.session.empty() ? settings.session : settings.session / control_socket_name,
                {[this](const json& message, double t_s) { on_composer_state(message, t_s); },
                 [this](std::string_view type, std::string_view line) { on_composer_event(type, line); },
                 [this] { on_composer_lost(); }}),
      events_([this](double t_s, double newest_s) { return broadcast_.position_of_second(t_s, newest_s); }),
      broadcast_(std::move(open), settings.broadcast, [this, &loop] {
        something_came_.store(true);
        loop.wake();
      }) {
  pace_.start(0);
}

Station::~Station() { end_music(); }  // and with it the feed

// What is killed leaves behind what it would have taken away itself.
void Station::end_music() {
  if (!music_) return;
  std::error_code none;
  const bool plays = !music_->over();
  music_->end();
  if (is_private()) {
    settings_.own_folder.reset();
  } else if (plays) {
    for (const char* left : {control_socket_name, "compose.metrics.json", "render.metrics.json"})
      std::filesystem::remove(settings_.session / left, none);
  }
}

void Station::rename(StationTags tags) { broadcast_.rename(std::move(tags)); }

void Station::pace() {
  if (stopped_) return;
  const bool pushed = broadcast_.advance(monotonic_us());
  const int64_t now = monotonic_us();
  if (broadcast_.is_open() && !std::exchange(joined_early_, true)) listeners_.join_all(now);
  if (pushed) {
    listeners_.send_packets();
    if (on_sound_) on_sound_(*this);
    const int64_t left = broadcast_.input_frame_at(broadcast_.position());
    figures_.control_latency.left_before(left, now);
    figures_.end_to_end.left_before(left, now);
  }
  if (broadcast_.is_over()) return on_over_(*this);
  if (broadcast_.is_open()) pace_.start(broadcast_.wake_us() - now);
}

void Station::tick(int64_t now_us) {
  composer_.refuse_late(now_us);
  listeners_.check_all(now_us);
}

void Station::flush() {
  broadcast_.flush();
  listeners_.send_packets();
}

void Station::stop() {
  stopped_ = true;
  composer_.stop();
  end_music();
}

std::optional<Refusal> Station::control(const json& fields, const Steerer& who, ControlReply reply,
                                        int64_t now_us) {
  Control control;
  try {
    control = parse_control(fields);
  } catch (const ControlError& error) {
    return refusals::bad_control(error.what(), error.field);
  }
  if (control.empty()) return refusals::nothing_set();
  if (settings_.controls.turns) {
    if (const int64_t wait_us = turns_.ask(who, now_us); wait_us > 0)
      return turns_.free_in_us(now_us) > 0 ? refusals::not_your_turn(wait_us)
                                           : refusals::others_wait(wait_us);
  }
  return composer_.submit(
      control,
      [this, who, reply = std::move(reply)](const ControlOutcome& outcome) {
        if (const auto* applied = std::get_if<AppliedControl>(&outcome)) {
          if (settings_.controls.turns) begin_turn(who);
          await_sound_of(*applied);
        }
        reply(outcome);
      },
      now_us);
}

void Station::await_sound_of(const AppliedControl& applied) {
  if (!broadcast_.is_open()) return;
  const int64_t position = std::max<int64_t>(broadcast_.position_of_second(applied.t_s, applied.t_s), 0);
  figures_.control_latency.await(broadcast_.input_frame_at(position), applied.asked_us);
}

void Station::begin_turn(const Steerer& who) {
  if (!turns_.take(who, monotonic_us())) return;
  json message = turn();
  message["type"] = "turn";
  listeners_.send_texts([&](const CodecInfo&) { return message; });
}

// null where all may steer at once.
json Station::turn() const {
  if (!settings_.controls.turns) return nullptr;
  const int64_t free_in_us = turns_.free_in_us(monotonic_us());
  return {{"turn_s", limits::turn_us / limits::us_per_s},
          {"free_in_s", static_cast<double>(free_in_us / limits::us_per_ms) / 1e3},
          {"holder", free_in_us > 0 && turns_.holder().socket != 0 ? json(turns_.holder().socket) : json()}};
}

json Station::acknowledgement(const AppliedControl& applied) {
  const int64_t position = broadcast_.position_of_second(applied.t_s, applied.t_s);
  return {{"type", "control_ack"}, {"applied", applied.fields}, {"position", std::max<int64_t>(position, 0)}};
}

json Station::acknowledgement(const CodecInfo& codec, const AppliedControl& applied) {
  json message = acknowledgement(applied);
  message["position"] = broadcast_.position_in(codec, message["position"]);
  return message;
}

// The composer sends its state every second; listeners are sent it when it has changed.
void Station::on_composer_state(const json& message, double t_s) {
  json state = message;
  for (const char* name : not_of_the_state) state.erase(name);
  const int64_t position = broadcast_.position_of_second(t_s, t_s);
  const auto composed_at = message.find("composed_at");
  if (broadcast_.is_open() && composed_at != message.end() && composed_at->is_number() &&
      position >= broadcast_.position()) {
    const int64_t now = monotonic_us();
    const double age_us = static_cast<double>(now) - composed_at->get<double>() * limits::us_per_s;
    if (age_us >= 0 && age_us < oldest_timestamp_us)
      figures_.end_to_end.await(broadcast_.input_frame_at(position), now - std::llround(age_us));
  }
  const auto next = message.find("next_chord");
  next_chord_position_.reset();
  if (next != message.end() && next->is_number())
    next_chord_position_ = broadcast_.position_of_second(*next, t_s);
  if (state == composer_state_ && next_chord_position_ == announced_next_chord_position_) return;
  composer_state_ = std::move(state);
  broadcast_.tell(now_playing());
  announced_next_chord_position_ = next_chord_position_;
  listeners_.send_texts([&](const CodecInfo& codec) { return state_at(codec, position); });
}

PacketPtr Station::follow() {
  composer_.subscribe();
  return events_.snapshot();
}

void Station::on_composer_event(std::string_view type, std::string_view line) {
  std::vector<EventMessage> messages = events_.on_line(type, line, monotonic_us());
  if (messages.empty() || !broadcast_.has_followers()) return;
  broadcast_.push_events(std::move(messages));
  listeners_.send_packets();
}

void Station::on_composer_lost() {
  events_.forget();
  broadcast_.composer_restarted();
  next_chord_position_.reset();
  figures_.control_latency.forget();
  figures_.end_to_end.forget();
}

std::optional<Refusal> Station::silence() const {
  if (broadcast_.is_playing()) return std::nullopt;
  return refusals::no_audio(broadcast_.is_over()   ? "the input has ended"
                            : broadcast_.is_open() ? "the input has stalled"
                                                   : "no input yet");
}

json Station::state_at(const CodecInfo& codec, int64_t position) const {
  json state = composer_state_;
  state["type"] = "state";
  state["position"] = broadcast_.position_in(codec, position);
  if (next_chord_position_)
    state["next_chord_position"] = broadcast_.position_in(codec, *next_chord_position_);
  return state;
}

json Station::state(const CodecInfo& codec) const { return state_at(codec, broadcast_.position()); }

json Station::welcome(const CodecInfo& codec) const {
  const StreamFormat& format = broadcast_.format();
  return {{"type", "welcome"},
          {"sample_rate", codec.rate != 0 ? codec.rate : format.rate},
          {"channels", format.channels},
          {"chunk_ms", broadcast_.chunk_ms()},
          {"codec", codec.name},
          {"bits_per_second", rates_of(format)},
          {"controls", control_table()},
          {"version", AURALIS_VERSION},
          {"hls", !broadcast_.hls().empty()},
          {"webrtc", settings_.webrtc},
          {"recent_s", broadcast_.recent().kept_s()},
          {"turn", turn()},
          {"state", state(codec)}};
}

json Station::summary() const {
  json out{{"name", name()},
           {"title", tags().name},
           {"description", tags().description},
           {"playing", broadcast_.is_playing()},
           {"clients", listeners_.size()}};
  for (const char* name : state_names) out[name] = composer_state_.value(name, json());
  return out;
}

json Station::status() const {
  json out = composer_state_;
  for (const char* name : state_names)
    if (!out.contains(name)) out[name] = nullptr;
  const bool is_open = broadcast_.is_open();
  out["station"] = {{"name", name()},
                    {"title", tags().name},
                    {"description", tags().description},
                    {"private", is_private()}};
  out["playing"] = broadcast_.is_playing();
  out["composer"] = composer_.connected() ? "connected" : "away";
  out["controls"] = control_table();
  out["position"] = broadcast_.position();
  if (next_chord_position_) out["next_chord_position"] = *next_chord_position_;
  out["sample_rate"] = is_open ? json(broadcast_.format().rate) : json(nullptr);
  out["channels"] = is_open ? json(broadcast_.format().channels) : json(nullptr);
  out["chunk_ms"] = broadcast_.chunk_ms();
  out["bits_per_second"] = is_open ? rates_of(broadcast_.format()) : json(nullptr);
  out["hls"] = !broadcast_.hls().empty();
  out["webrtc"] = settings_.webrtc;
  out["recent_s"] = broadcast_.recent().kept_s();
  out["turn"] = turn();
  out["clients"] = listeners_.size();
  return out;
}

std::string Station::now_playing() const {
  std::string title;
  for (const char* name : {"preset", "scene", "chord"}) {
    const auto found = composer_state_.find(name);
    if (found == composer_state_.end() || !found->is_string() || found->get_ref<const std::string&>().empty())
      continue;
    title += (title.empty() ? "" : ", ") + printable(found->get<std::string>());
  }
  return title.empty() ? tags().name : title;
}

void Station::add_figures(json& figures) const {
  figures["client_buffer_ms"] = listeners_.buffer_figures();
  figures["clients"] = listeners_.size();
  figures["clients_total"] = listeners_.total();
  figures["webrtc_clients"] = listeners_.peers();
  figures["webrtc_clients_total"] = listeners_.peers_total();
  figures_.add_figures(figures);
  broadcast_.add_figures(figures);
}

}  // namespace auralis
