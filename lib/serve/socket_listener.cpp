// SPDX-License-Identifier: MIT
#include "serve/socket_listener.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "model/json_text.h"
#include "serve/refusals.h"
#include "serve/station.h"

namespace auralis {
namespace {

using nlohmann::json;

// What is given back as it came: not more than a name or a number.
json echo(const json& message, const char* name) {
  const auto found = message.find(name);
  if (found == message.end() || !(found->is_number() || found->is_string())) return {};
  const bool is_long =
      found->is_string() && found->get_ref<const std::string&>().size() > limits::echoed_bytes;
  return is_long ? json() : *found;
}

std::optional<double> number(const json& message, const char* name) {
  const auto found = message.find(name);
  if (found == message.end() || !found->is_number()) return std::nullopt;
  const double value = *found;
  return value >= 0 && value < 1e9 ? std::optional(value) : std::nullopt;
}

double unix_ms() { return std::round(wall_s() * 1e6) / 1e3; }

}  // namespace

const SocketListener::MessageKind SocketListener::message_kinds[] = {
    {"authorize", &SocketListener::on_authorize},
    {"control", &SocketListener::on_control},
    {"ping", &SocketListener::on_ping},
    {"client_metrics", &SocketListener::on_client_metrics},
};

SocketListener::SocketListener(Stream& stream, Station& station, const CodecInfo& codec, Access& access,
                               HttpRequest request, uint64_t id)
    : Listener(stream, station, codec), access_(access), request_(std::move(request)), id_(id) {}

SocketListener::~SocketListener() { station().leave_turn(id_); }

void SocketListener::begin(bool server_ends, int64_t now_us) {
  if (server_ends) return close(refusals::server_ends());
  if (station().listeners().full()) return close(refusals::full());
  station().listeners().add(*this);
  if (station().broadcast().is_open()) join(now_us);
}

void SocketListener::on_joined() {
  json welcome = station().welcome(codec());
  welcome["client_id"] = id_;
  welcome["control_access"] = access_.control_access(request_, station().controls());
  welcome["may_control"] = !access_.refuse_control(request_, station().controls()).has_value();
  say(welcome);
  if (&codec() == &events_codec()) on_lost_events();
}

void SocketListener::on_lost_events() {
  if (const PacketPtr snapshot = station().follow()) send(snapshot);
}

// Nothing is read while something is owed: what comes would be more of it, and the end of the other side may come before
// it has left.
bool SocketListener::wants_bytes() const {
  return replies_.empty() && texts_.empty() && (closing_.code == 0 || close_sent_);
}

void SocketListener::on_bytes(std::string_view bytes) {
  for (const WebSocket::Message& message : socket_.receive(bytes)) on_message(message);
  const int64_t now = monotonic_us();
  for (size_t frame = socket_.take_other_frames(); frame > 0; --frame) {
    if (!other_frames_.take(limits::other_frames, now)) close(refusals::too_many_frames());
  }
  const std::string replies = socket_.take_replies();
  if (close_sent_) {  // it is over when the other end has closed, too, or cannot
    return socket_.closed_by_peer() || socket_.broken() ? finish() : stream().discard(bytes);
  }
  replies_ += replies;
  if (socket_.closed_by_peer()) {
    close_frame_leaves();  // it is among the replies
  } else if (const std::optional<int> code = socket_.broken()) {
    close(refusals::broken_protocol(*code));
  }
  if (!replies_.empty()) wake();
}

void SocketListener::on_writable() {
  if (!replies_.empty()) {
    stream().write(std::exchange(replies_, {}));
    return wake();
  }
  if (close_sent_) {
    if (socket_.closed_by_peer() || socket_.broken()) finish();
    return;
  }
  if (!texts_.empty()) {
    const PacketPtr text = std::move(texts_.front());
    texts_.pop_front();
    stream().write(text->bytes());
    return wake();
  }
  if (closing_.code == 0) return write_packet();
  close_frame_leaves();
  stream().write(web_socket_close(closing_));
  wake();
}

// Not by way of the loop, since thousands wait for theirs; an error costs this connection alone, as it would there.
void SocketListener::on_packet() {
  if (!wants_bytes() || !stream().takes_at_once()) return wake();
  try {
    write_packet();
  } catch (const std::exception& error) {
    log_warning(std::string("a connection was closed: ") + error.what());
    stream().hang_up();
  }
}

void SocketListener::close(const CloseReason& why) {
  if (closing_.code != 0) return;
  closing_ = why;
  stream().deadline(static_cast<int>(limits::takes_nothing_us / limits::us_per_s));
  wake();
}

void SocketListener::close_frame_leaves() {
  close_sent_ = true;
  texts_.clear();
  leave();
  stream().deadline(limits::close_s);
}

void SocketListener::finish() {
  leave();
  stream().finish();
}

void SocketListener::check(int64_t now_us) {
  const int64_t silent_us = now_us - stream().heard_us();
  if (silent_us > limits::silent_us) return stream().hang_up();
  if (std::min(silent_us, now_us - pinged_us_) >= limits::ping_after_us) {
    pinged_us_ = now_us;
    replies_ += web_socket_frame(FrameKind::ping, "");
    wake();
  }
  Listener::check(now_us);
}

void SocketListener::send(const PacketPtr& text) {
  if (texts_.size() >= limits::waiting_texts) texts_.pop_front();
  texts_.push_back(text);
  wake();
}

void SocketListener::say(const json& message) { send(text_packet(message)); }

void SocketListener::on_message(const WebSocket::Message& text) {
  if (closing_.code != 0 || close_sent_) return;
  if (!text.is_text) return close(refusals::not_text());
  if (!messages_.take(limits::messages, monotonic_us())) return close(refusals::too_many_messages());
  const json message = parse_json(text.data);
  if (!message.is_object() || !message.contains("type") || !message["type"].is_string())
    return say(refusal_json(refusals::bad_message("a JSON object with a type")));
  const std::string type = message["type"];
  std::string known;
  for (const MessageKind& kind : message_kinds) {
    if (kind.type == type) return (this->*kind.handle)(message);
    known.append(known.empty() ? "" : ", ").append(kind.type);
  }
  say(refusal_json(refusals::unknown_type("one of " + known)));
}

void SocketListener::on_authorize(const json& message) {
  // It is looked at when a control asks for it, and only so often: see Access.
  const auto token = message.find("token");
  if (token == message.end() || !token->is_string())
    return say(refusal_json(refusals::bad_message("a token as text", "token")));
  request_.authorization = "Bearer " + token->get<std::string>();
}

void SocketListener::on_control(const json& message) {
  const json id = echo(message, "id");
  const auto reply = [weak = weak_from_this(), id](const ControlOutcome& outcome) {
    if (const auto listener = weak.lock()) listener->reply_to_control(id, outcome);
  };
  const int64_t now = monotonic_us();
  std::optional<Refusal> refusal = access_.refuse_counted_control(request_, station().controls(), now);
  if (!refusal) {
    refusal = station().control(message, {limited_as(request_.sender.address), id_}, reply, now);
  }
  if (refusal) reply_to_control(id, *refusal);
}

void SocketListener::reply_to_control(const json& id, const ControlOutcome& outcome) {
  if (closing_.code != 0 || close_sent_) return;
  const auto* refusal = std::get_if<Refusal>(&outcome);
  json message = refusal != nullptr ? refusal_json(*refusal)
                                    : station().acknowledgement(codec(), std::get<AppliedControl>(outcome));
  // As text, whatever it came as; an acknowledgement always has one.
  if (id.is_string() || id.is_null()) {
    if (id.is_string() || refusal == nullptr) message["id"] = id.is_string() ? id : json("");
  } else {
    message["id"] = id.dump();
  }
  say(message);
}

void SocketListener::on_client_metrics(const json& message) {
  if (const auto buffer_ms = number(message, "buffer_ms")) set_buffer(*buffer_ms);
  if (const auto underruns = number(message, "underruns")) {
    station().figures().client_underruns(std::max(0.0, *underruns - underruns_));
    underruns_ = *underruns;
  }
}

void SocketListener::on_ping(const json& message) {
  say({{"type", "pong"},
       {"client_timestamp", echo(message, "client_timestamp")},
       {"server_timestamp", unix_ms()},
       {"position", station().broadcast().position_in(codec(), station().broadcast().position())}});
}

}  // namespace auralis
