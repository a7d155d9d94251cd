// SPDX-License-Identifier: MIT
// One station: its sound, its composer, its listeners, and what it reports of itself. What it plays comes from an input,
// or from a composer and a renderer of its own. Stations share the loop and the listeners' seats, and nothing else.
//   end   stop() and the end of its listeners; whoever still holds it then finds it silent
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/loop.h"
#include "net/refusal.h"
#include "serve/access.h"
#include "serve/broadcast.h"
#include "serve/composer_port.h"
#include "serve/event_feed.h"
#include "serve/listeners.h"
#include "serve/private_session.h"
#include "serve/station_figures.h"
#include "serve/station_music.h"
#include "serve/turns.h"

namespace auralis {

struct StationSettings {
  std::string name = "default";
  std::string key{};  // the secret address of a private one; empty: it is listed, and its name is its address
  ControlRule controls{};
  std::filesystem::path session{};               // its folder
  std::shared_ptr<PrivateSession> own_folder{};  // of a private one, whose end it shares
  BroadcastSettings broadcast{};
  bool webrtc = false;  // its listeners may come over WebRTC
  std::shared_ptr<ListenerSeats> seats = std::make_shared<ListenerSeats>();
};

class Station : public std::enable_shared_from_this<Station> {
 public:
  // `on_over` is called when the last chunk was handed out, and whenever the loop is woken after that.
  Station(Loop& loop, const StationSettings& settings, Feed::Open open,
          std::function<void(Station&)> on_over);
  // Of its own music.
  Station(Loop& loop, const StationSettings& settings, std::unique_ptr<StationMusic> music,
          std::function<void(Station&)> on_over);
  ~Station();

  const std::string& name() const { return settings_.name; }
  bool is_private() const { return !settings_.key.empty(); }
  // What stands for it in /s/…/.
  const std::string& address() const { return is_private() ? settings_.key : settings_.name; }
  const std::filesystem::path& session() const { return settings_.session; }
  const ControlRule& controls() const { return settings_.controls; }
  void rename(StationTags tags);
  // Beside its listeners, to these places from now on.
  void carry_to(std::vector<OutletSettings> outlets) { broadcast_.carry_to(std::move(outlets)); }
  const StationTags& tags() const { return broadcast_.tags(); }
  Broadcast& broadcast() { return broadcast_; }
  const Broadcast& broadcast() const { return broadcast_; }
  Listeners& listeners() { return listeners_; }
  const Listeners& listeners() const { return listeners_; }
  StationFigures& figures() { return figures_; }

  // Called when the tracks have something new; none: nobody is.
  void on_sound(std::function<void(Station&)> call) { on_sound_ = std::move(call); }
  // Sends what is due: on the station's own clock, and when something came that it waits for.
  void pace();
  // The loop was woken: perhaps for this one.
  void pace_if_something_came() {
    if (something_came_.exchange(false) || broadcast_.is_over()) pace();
  }
  // Four times a second: controls and listeners that are late.
  void tick(int64_t now_us);
  // What the encoders still hold is made ready to leave.
  void flush();
  // Nothing of the sound and of the composer will come any more.
  void stop();
  bool is_stopped() const { return stopped_; }

  // nullopt: on its way to the composer, and `reply` is called, once.
  std::optional<Refusal> control(const nlohmann::json& fields, const Steerer& who, ControlReply reply,
                                 int64_t now_us);
  // The turn of the listener whose connection this was, if it is theirs, is that address's.
  void leave_turn(uint64_t socket) { turns_.leave(socket); }
  // {type: control_ack, applied, position}, the position in frames of the stream or of a codec.
  nlohmann::json acknowledgement(const AppliedControl& applied);
  nlohmann::json acknowledgement(const CodecInfo& codec, const AppliedControl& applied);

  // What the table of controls says, with the presets there are.
  void set_control_table(std::shared_ptr<const nlohmann::json> table) { control_table_ = std::move(table); }
  // Why no sound flows, where none does.
  std::optional<Refusal> silence() const;
  nlohmann::json status() const;
  // What a list of stations says of it.
  nlohmann::json summary() const;
  // As players show it: "focus, Dm9"; what it calls itself where no composer tells.
  std::string now_playing() const;
  // For a listener that makes the sound itself; nullptr where it comes with the events, as soon as there are any.
  PacketPtr follow();
  // Where it is told all that comes from now on.
  size_t newest_lane() const { return events_.newest_lane(); }
  nlohmann::json state(const CodecInfo& codec) const;
  // Without client_id and may_control, which are the listener's.
  nlohmann::json welcome(const CodecInfo& codec) const;
  void add_figures(nlohmann::json& figures) const;

 private:
  void begin_turn(const Steerer& who);
  // The latency of the control is known when what it changed is heard.
  void await_sound_of(const AppliedControl& applied);
  void end_music();
  nlohmann::json control_table() const { return control_table_ ? *control_table_ : nlohmann::json(); }
  void on_composer_state(const nlohmann::json& message, double t_s);
  void on_composer_lost();
  nlohmann::json turn() const;
  void on_composer_event(std::string_view type, std::string_view line);
  nlohmann::json state_at(const CodecInfo& codec, int64_t position) const;

  StationSettings settings_;
  Listeners listeners_;
  StationFigures figures_;
  std::shared_ptr<const nlohmann::json> control_table_;
  nlohmann::json composer_state_ = nlohmann::json::object();
  std::optional<int64_t> next_chord_position_;
  std::optional<int64_t> announced_next_chord_position_;
  Turns turns_;
  bool joined_early_ = false;  // those who came before the sound
  bool stopped_ = false;
  std::function<void(Station&)> on_over_;
  std::function<void(Station&)> on_sound_;
  std::atomic<bool> something_came_{false};
  std::unique_ptr<StationMusic> music_;  // none: it has an input
  Timer pace_;
  ComposerPort composer_;
  EventFeed events_;
  Broadcast broadcast_;  // last: its thread, which wakes the loop, ends first
};

}  // namespace auralis
