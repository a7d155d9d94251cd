// SPDX-License-Identifier: MIT
// One connection of HTTP/1.1: requests one after the other, until it becomes a player or a WebSocket, or all was said.
//   Reading     a request has to come: its head, or the body of the head that is there
//   Awaiting    the composer has to acknowledge or refuse a control
//   Responding   a response is on its way; what the connection is after it is known
//   Playing     a plain stream, for as long as the player stays
//   Listening   a WebSocket
//   Finished    all was said; the stream waits for the other end to close
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "net/address_counts.h"
#include "net/request_head.h"
#include "net/stream.h"
#include "serve/api.h"
#include "serve/player.h"
#include "serve/socket_listener.h"

namespace auralis {

class Connection;

// All connections, and whether the server is ending.
class Connections {
 public:
  uint64_t add(Connection& connection);  // its number
  void remove(Connection& connection);
  void tick(int64_t now_us) const;
  // No request and no response of any of them is on its way: they may be cut.
  bool are_quiet() const;
  void end() { ending_ = true; }
  bool are_ending() const { return ending_; }

 private:
  uint64_t seen_ = 0;
  bool ending_ = false;
  std::unordered_map<uint64_t, Connection*> all_;
};

class Connection final : public StreamHandler, public std::enable_shared_from_this<Connection> {
 public:
  Connection(Stream& stream, Api& api, Connections& connections, bool port_speaks_tls);
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void on_bytes(std::string_view bytes) override;
  void on_writable() override;
  bool wants_bytes() const override;
  // A request that is not whole in time is refused; where nothing has come of it, the connection is closed.
  void check(int64_t now_us);
  bool is_quiet() const;
  uint64_t id() const { return id_; }

 private:
  struct Reading {
    int64_t since_us = 0;
    std::optional<HttpRequest> head = {};  // there already: its body is awaited
  };
  struct Awaiting {
    HttpRequest request;
  };
  struct Playing {
    std::shared_ptr<Player> player;
  };
  struct Listening {
    std::shared_ptr<SocketListener> listener;
  };
  struct Finished {};
  using AfterResponse = std::variant<Reading, Playing, Listening, Finished>;
  struct Responding {
    std::string out;
    AfterResponse after;
    std::function<std::string()> next = {};  // what follows, where it is made as it is taken
    size_t sent = 0;
  };
  using State = std::variant<Reading, Awaiting, Responding, Playing, Listening, Finished>;

  void read_requests();
  void on_head(RequestHead head);
  void on_request(HttpRequest request);
  void on_body(const HttpRequest& request, const std::string& body);
  void on_control_response(const HttpResponse& response);
  bool take_seat(const HttpRequest& request);
  void respond(const HttpRequest& request, HttpResponse response, bool keep_alive);
  void begin_response(std::string out, AfterResponse after, std::function<std::string()> next = {});
  void begin_player(const HttpRequest& request, PlayStream play);
  void begin_file(const HttpRequest& request, SendFile file);
  void begin_socket(HttpRequest request, OpenSocket open);
  void continue_response();
  void after_response(AfterResponse after);
  void finish();

  Stream& stream_;
  Api& api_;
  Connections& connections_;
  bool port_speaks_tls_;
  uint64_t id_;
  RequestReader reader_;
  State state_;
  std::optional<AddressCounts::Seat> seat_;  // among the connections of its address; a proxy's of its client
};

}  // namespace auralis
