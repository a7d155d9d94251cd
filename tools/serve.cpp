// SPDX-License-Identifier: MIT
// auralis-serve: PCM → listeners.
#include "serve/server.h"

#include <unistd.h>

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>

#include "audio/sound_file.h"
#include "base/error.h"
#include "base/io.h"
#include "base/session.h"
#include "cli.h"
#include "compose/preset/preset_files.h"

namespace {

using auralis::Error;
using auralis::Exit;

constexpr std::array<std::string_view, 3> ends{"exit", "hold", "loop"};

// Where `install` put it, or beside the build tree that the binary lies in; empty where there is none.
std::filesystem::path find_client() {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  const bool is_built = std::filesystem::exists(folder / "../CMakeCache.txt", error);
  const std::filesystem::path client = folder / (is_built ? "../../client" : "../share/auralis/client");
  return std::filesystem::is_regular_file(client / "index.html", error) ? client.lexically_normal()
                                                                        : std::filesystem::path();
}

void check_client(const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::is_directory(folder, error)) return;
  throw Error(Exit::usage, "--client is " + folder.string() + ", expected the folder of the web client");
}

std::string read_token(const std::string& file) {
  std::string token = auralis::read_file(file);
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
  if (token.empty()) throw Error(Exit::usage, file + " is empty, expected the token");
  return token;
}

nlohmann::json list_presets() {
  nlohmann::json list = nlohmann::json::array();
  for (const auralis::PresetInfo& preset : auralis::list_presets()) {
    list.push_back({{"name", preset.name}, {"title", preset.title}, {"description", preset.description}});
  }
  return list;
}

struct Options {
  auralis::ServeSettings settings;
  std::string input = "-";
  std::string session = "default";
  std::string on_end = "exit";
  std::string token_file;
  bool raw = false;
  auralis::PcmFormat raw_format;
  std::string raw_bits = "s16";
};

void add_server_options(CLI::App& app, Options& options) {
  auralis::ServeSettings& settings = options.settings;
  app.add_option("--host", settings.host, "Address to listen on")->capture_default_str();
  app.add_option("--port", settings.port, "Port; 0 for any free one")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  app.add_option("--client", settings.client, "Folder of the web client");
  auralis::cli::add_session(app, options.session, "Session to find the composer by")->capture_default_str();
  app.add_option("--max-clients", settings.station.max_clients, "Listeners at once")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  auto* token = app.add_option("--token", settings.token, "Controls need this token");
  app.add_option("--token-file", options.token_file, "Controls need the token in this file")->excludes(token);
  app.add_option("--origin", settings.origins, "Let pages of this origin listen and control, too")
      ->type_name("URL");
  auto* cert = app.add_option("--tls-cert", settings.tls_cert,
                              "Certificate chain (PEM); with it the server speaks TLS");
  auto* key = app.add_option("--tls-key", settings.tls_key, "Its private key (PEM)");
  cert->needs(key);
  key->needs(cert);
}

void add_sound_options(CLI::App& app, Options& options) {
  auralis::BroadcastSettings& broadcast = options.settings.station.broadcast;
  app.add_option("INPUT", options.input, "A sound file, or - for a WAV stream on stdin")
      ->capture_default_str();
  app.add_option("--chunk-ms", broadcast.chunk_ms, "Length of a chunk")
      ->check(CLI::Range(20, 200))
      ->capture_default_str();
  app.add_option("--on-end", options.on_end, "When the input ends: exit, hold the page, or loop the file")
      ->check(auralis::cli::one_of(ends))
      ->type_name("exit|hold|loop")
      ->capture_default_str();
  app.add_option("--record", broadcast.record, "Keep what is sent in this file (.flac, .wav)");
  auto* is_raw = app.add_flag("--raw", options.raw, "INPUT is PCM without a header");
  app.add_option("--rate", options.raw_format.rate, "Its sample rate")
      ->check(CLI::Range(8000, 192000))
      ->needs(is_raw)
      ->capture_default_str();
  app.add_option("--channels", options.raw_format.channels, "Its channels")
      ->check(CLI::Range(1, 2))
      ->needs(is_raw)
      ->capture_default_str();
  app.add_option("--bits", options.raw_bits, "Its samples: u8, s16, s24, s32 or f32")
      ->needs(is_raw)
      ->capture_default_str();
}

void check_record(const std::filesystem::path& record) {
  if (record.empty()) return;
  auralis::file_kind(record);
  std::error_code unknown;
  if (record.has_parent_path() && !std::filesystem::is_directory(record.parent_path(), unknown))
    throw Error(Exit::environment, "cannot record to " + record.string() + ": there is no folder " +
                                       record.parent_path().string());
}

void start(Options options) {
  auralis::ServeSettings& settings = options.settings;
  auralis::BroadcastSettings& broadcast = settings.station.broadcast;
  const bool is_stdin = options.input == "-";
  if (is_stdin && ::isatty(STDIN_FILENO) == 1) {
    throw Error(
        Exit::usage,
        "stdin is a terminal, expected sound: auralis-compose --live | auralis-render | auralis-serve");
  }
  if (!options.token_file.empty()) settings.token = read_token(options.token_file);
  const auto sample = auralis::find_sample_format(options.raw_bits);
  if (!sample)
    throw Error(Exit::usage, "--bits is \"" + options.raw_bits + "\", expected u8, s16, s24, s32 or f32");
  options.raw_format.sample = *sample;
  check_record(broadcast.record);
  if (settings.client.empty()) {
    settings.client = find_client();
  } else {
    check_client(settings.client);
  }
  settings.station.name = options.session;
  settings.station.session = auralis::open_session(options.session);
  settings.hold = options.on_end == "hold";
  broadcast.loop = options.on_end == "loop";
  if (broadcast.loop && is_stdin && ::lseek(STDIN_FILENO, 0, SEEK_CUR) < 0)
    throw Error(Exit::usage, "--on-end loop needs a file, and stdin is a pipe");
  // A file waits for us; only what keeps its own time can fall behind.
  std::error_code error;
  broadcast.skip_backlog = !std::filesystem::is_regular_file(is_stdin ? "/dev/stdin" : options.input, error);
  const std::optional<auralis::PcmFormat> format =
      options.raw ? std::optional(options.raw_format) : std::nullopt;
  auralis::serve(
      settings, [&] { return auralis::open_pcm_source(options.input, format); }, list_presets);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Example: auralis-compose --live | auralis-render | auralis-serve\n\n"
      "Sends PCM to listeners: a web page, WebSocket, plain streams and controls on one port.",
      "auralis-serve");
  Options options;
  add_sound_options(app, options);
  add_server_options(app, options);
  return auralis::cli::run(app, argc, argv, [&] { start(options); });
}
