// SPDX-License-Identifier: MIT
// The Unix-domain stream socket on which a live composer takes controls: JSON lines both ways, see auralis-compose(1).
//   one poll() loop   the owner polls what add_to() names and hands the answers to serve(); nothing blocks
//   limits            clients, bytes a line, and bytes waiting for a client: one that does not read is dropped
//   errors            AlreadyRunning where a living process listens there; Error{environment} where the path is no socket,
//                     or none can be made there; Error{usage} where it is too long for one
#pragma once

#include <poll.h>

#include <filesystem>
#include <functional>
#include <list>
#include <string>
#include <vector>

#include "base/error.h"

namespace auralis {

struct AlreadyRunning : Error {
  using Error::Error;
};

class ControlSocket {
 public:
  static constexpr size_t max_clients = 64;
  static constexpr size_t longest_line = size_t{16} * 1024;
  static constexpr size_t most_waiting = size_t{256} * 1024;

  // A stale socket (nobody answers) is replaced.
  explicit ControlSocket(std::filesystem::path path);
  ~ControlSocket();
  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;

  // Whether it is still there for new clients; listen() makes it anew where its folder was removed. Clients stay.
  bool is_there() const;
  void listen();

  // Appends the descriptors to wait for.
  void add_to(std::vector<pollfd>& waiting) const;

  struct Answer {
    std::string lines;        // each with its newline
    bool subscribes = false;  // from here on the client is among the subscribers
  };
  using OnLine = std::function<Answer(const std::string& line)>;

  // Takes new clients, reads and writes whatever is ready. greet() makes the first line for a new client;
  // on_line(line) the answer to a line, both with newline.
  void serve(const std::function<std::string()>& greet, const OnLine& on_line);

  // Sends lines, newline included, to every client.
  void broadcast(const std::string& lines);
  // To the subscribers alone; also from within on_line().
  void publish(const std::string& lines);

  size_t clients() const { return clients_.size(); }
  bool has_subscribers() const;

 private:
  struct Client {
    int fd = -1;
    std::string in;
    std::string out;
    bool in_long_line = false;  // what comes is refused up to the next newline
    bool subscribed = false;
    bool gone = false;  // to be dropped
  };

  void drop_gone();
  void accept_clients(const std::function<std::string()>& greet);
  void receive(Client& client, const OnLine& on_line);
  static void send(Client& client, const std::string& text);

  std::filesystem::path path_;
  int fd_ = -1;
  std::list<Client> clients_;
};

}  // namespace auralis
