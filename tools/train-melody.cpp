// SPDX-License-Identifier: MIT
// Trains the networks of --melody transformer, or measures them. Run through scripts/train-melody.
#include <algorithm>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "cli.h"
#include "torch/melody/hint.h"
#include "torch/melody/network_file.h"
#include "torch/melody/ngram.h"
#include "torch/melody/report.h"
#include "torch/melody/training.h"
#include "train_voices.h"

namespace {

using namespace auralis;
using namespace auralis::melody;

constexpr const char* shipped_melody = AURALIS_SOURCE_DIR "/lib/torch/melody/melody.weights";
constexpr const char* shipped_voices = AURALIS_SOURCE_DIR "/lib/torch/voices/voices.weights";

std::vector<Scored> score_baselines(std::span<const Line> train, std::span<const Line> lines) {
  std::vector<Scored> scored;
  for (const Baseline& baseline : all_baselines()) {
    scored.push_back({name_of(baseline), measure(baseline, train, lines)});
  }
  return scored;
}

Scored score_network(const Network& net, std::span<const Line> lines) {
  return {"transformer, " + std::to_string(weight_count(net)) + " weights", measure(net, lines)};
}

size_t notes_in(std::span<const Line> lines) {
  size_t notes = 0;
  for (const Line& line : lines) notes += line.size();
  return notes;
}

// The network and the best of the baselines, both told a motif by as many nats as serve that baseline best.
std::string compare_hinted(const Network& net, std::span<const Line> train, std::span<const Line> lines) {
  constexpr double step = 0.25;
  constexpr double most = 4.0;
  Scored best{"", {1e9, 0.0}};
  double best_nats = 0.0;
  for (const Baseline& baseline : all_baselines()) {
    const std::vector<NoteOdds> odds = odds_of(baseline, train, lines);
    for (double nats = 0.0; nats <= most; nats += step) {
      const Loss loss = hinted_loss(odds, nats);
      if (loss.nats() >= best.loss.nats()) continue;
      best = {name_of(baseline), loss};
      best_nats = nats;
    }
  }
  return hinted_table(best_nats, hinted_loss(odds_of(net, lines), best_nats), best);
}

void evaluate(const std::string& file, const std::string& weights) {
  const Network net = load_network(weights);
  const Corpus corpus = read_corpus(file);
  if (corpus.valid.empty())
    throw Error::at(file, 1, "\"valid\" has no pieces, expected the pieces to evaluate on");
  const auto train = lines_of(corpus.train);
  const auto valid = lines_of(corpus.valid);
  std::vector<Scored> baselines;
  if (corpus.train.empty()) {
    log_warning(file + ": \"train\" has no pieces for the baselines to count; the transformer stands alone");
  } else {
    baselines = score_baselines(train, valid);
  }
  std::cout << "valid: " << corpus.valid.size() << " pieces, " << notes_in(valid)
            << " notes; train: " << corpus.train.size() << " pieces, " << notes_in(train) << " notes\n"
            << evaluation_table(score_network(net, valid), baselines)
            << (corpus.train.empty() ? "" : compare_hinted(net, train, valid)) << std::flush;
}

void train_new(const std::string& file, const std::string& weights, const std::string& plot,
               const Shape& shape, TrainSettings settings) {
  const auto started = std::chrono::steady_clock::now();
  const Corpus corpus = read_corpus(file);
  // The pieces held out choose the number of epochs, so that the validation part is left for the verdict; then the
  // network is trained anew on all of them.
  const Parts parts = hold_out(corpus.train, file);
  std::vector<Epoch> epochs;
  train(random_network(shape, settings.seed), lines_of(parts.used), lines_of(parts.held), settings,
        [&](const Epoch& epoch) {
          epochs.push_back(epoch);
          log_info(print("epoch %d of %d: %.4f nats a note trained on, %.4f held out", epoch.number,
                         settings.epochs, epoch.train.nats(), epoch.held.nats()));
        });
  const Epoch best = *std::min_element(epochs.begin(), epochs.end(), [](const Epoch& a, const Epoch& b) {
    return a.held.nats() < b.held.nats();
  });
  settings.epochs = best.number;
  const Network net = train(random_network(shape, settings.seed), lines_of(corpus.train), {}, settings,
                            [&](const Epoch& epoch) {
                              log_info(print("with all pieces, epoch %d of %d: %.4f nats a note trained on",
                                             epoch.number, settings.epochs, epoch.train.nats()));
                            });
  nlohmann::json measured{
      {"seed", settings.seed}, {"epochs", settings.epochs}, {"held_out_nats", best.held.nats()}};
  if (!corpus.valid.empty()) {
    const auto valid = lines_of(corpus.valid);
    const auto baselines = score_baselines(lines_of(corpus.train), valid);
    const Scored result = score_network(net, valid);
    measured["valid_nats"] = result.loss.nats();
    std::cout << evaluation_table(result, baselines) << std::flush;
    write_file(plot, training_curve(epochs, result.loss, best_of(baselines)));
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  measured["seconds"] = std::round(took.count());
  save_network(net, measured, weights);
  log_info("wrote " + weights);
}

cli::CommandInfo table() {
  using enum cli::ValueKind;
  return {
      .name = "train-melody",
      .examples = {"scripts/train-melody", "train-melody --evaluate pieces.json",
                   "train-melody --evaluate-voices pieces.json"},
      .summary =
          "Trains the melody transformer on DATA, or with --evaluate measures it against n-gram baselines; "
          "likewise the model of four voices.",
      .options = {
          {.names = "DATA",
           .value = "FILE",
           .kind = file,
           .help = "Corpus: {\"train\": [piece, ...], \"valid\": [...]}"},
          {.names = "--evaluate",
           .value = "FILE",
           .kind = file,
           .help = "Print nats a note on the valid part of FILE and train nothing"},
          {.names = "--voices",
           .value = "FILE",
           .kind = file,
           .help = "Train the model of four voices instead, on the train part of FILE"},
          {.names = "--evaluate-voices",
           .value = "FILE",
           .kind = file,
           .help =
               "Print nats a token of the model of four voices, as TonicNet counts them, on the valid part"},
          {.names = "--hold-out",
           .help = "Train without every tenth piece, and measure on these alone",
           .needs = "--voices"},
          {.names = "-o,--weights",
           .value = "FILE",
           .kind = file,
           .help = "Weights to write, or to evaluate; without it those that are shipped"},
          {.names = "--plot",
           .value = "FILE",
           .kind = file,
           .help = "The training curve as an SVG picture",
           .initial = AURALIS_SOURCE_DIR "/docs/training-curve.svg",
           .needs = "DATA"},
          {.names = "--epochs",
           .value = "N",
           .kind = integer,
           .help = "Passes over the train part, at most so many for the melody transformer; without it as "
                   "many as the shipped weights had",
           .min = 1,
           .max = 10000},
          {.names = "--seed",
           .value = "N",
           .kind = seed,
           .help = "Seed of the weights and of their training",
           .initial = std::to_string(TrainSettings().seed)},
          {.names = "--width",
           .value = "N",
           .kind = integer,
           .help = "Width of the network, a multiple of 4",
           .initial = std::to_string(Shape().width),
           .min = 8,
           .max = 128},
          {.names = "--layers",
           .value = "N",
           .kind = integer,
           .help = "Layers of the network",
           .initial = std::to_string(Shape().layers),
           .min = 1,
           .max = 16},
          {.names = "--dropout",
           .value = "X",
           .kind = number,
           .help = "Share of activations dropped in training; without it as for the shipped weights",
           .min = 0.0,
           .max = 0.9},
          {.names = "--decay",
           .value = "X",
           .kind = number,
           .help = "How strongly weights decay; without it as for the shipped weights",
           .min = 0.0,
           .max = 10.0,
           .needs = "--voices"},
          {.names = "--window",
           .value = "N",
           .kind = integer,
           .help = "How many sixteenths a layer sees, the present one included",
           .initial = std::to_string(Shape().window),
           .min = 2,
           .max = 1024,
           .needs = "--voices"},
      }};
}

}  // namespace

int main(int argc, char** argv) {
  cli::Command command(table());
  std::optional<std::string> data;
  std::optional<std::string> evaluated;
  std::optional<std::string> voices;
  std::optional<std::string> evaluated_voices;
  bool hold_out = false;
  std::optional<std::string> given_weights;
  std::optional<int> epochs;
  std::optional<double> dropout;
  std::optional<double> decay;
  std::string plot;
  Shape shape;
  TrainSettings settings;
  command.bind("DATA", data);
  command.bind("--evaluate", evaluated);
  command.bind("--voices", voices);
  command.bind("--evaluate-voices", evaluated_voices);
  command.bind("--hold-out", hold_out);
  command.bind("--weights", given_weights);
  command.bind("--plot", plot);
  command.bind("--epochs", epochs);
  command.bind("--seed", [&](const std::string& text) { settings.seed = std::stoull(text); });
  command.bind("--width", shape.width);
  command.bind("--layers", shape.layers);
  command.bind("--dropout", [&](const std::string& text) { dropout = std::stod(text); });
  command.bind("--decay", [&](const std::string& text) { decay = std::stod(text); });
  command.bind("--window", shape.window);
  command.on_run([&] {
    const int asked =
        data.has_value() + evaluated.has_value() + voices.has_value() + evaluated_voices.has_value();
    if (asked != 1) {
      throw Error(Exit::usage, std::string(asked == 0 ? "nothing to do" : "several things to do") +
                                   ", expected one of DATA to train on, --evaluate FILE, --voices FILE and "
                                   "--evaluate-voices FILE");
    }
    if (shape.width % shape.heads != 0) throw Error(Exit::usage, "--width is not a multiple of 4");
    if (voices || evaluated_voices) {
      const std::string weights = given_weights.value_or(shipped_voices);
      if (evaluated_voices) return evaluate_voices(*evaluated_voices, weights);
      return train_voices(*voices, weights, {shape, settings.seed, epochs, dropout, decay, hold_out});
    }
    const std::string weights = given_weights.value_or(shipped_melody);
    settings.epochs = epochs.value_or(settings.epochs);
    settings.dropout = dropout.value_or(settings.dropout);
    if (evaluated) return evaluate(*evaluated, weights);
    train_new(*data, weights, plot, shape, settings);
  });
  return command.run(argc, argv);
}
