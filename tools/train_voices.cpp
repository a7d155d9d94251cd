// SPDX-License-Identifier: MIT
#include "train_voices.h"

#include <chrono>
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "torch/melody/report.h"
#include "torch/voices/training.h"

namespace auralis {
namespace {

using melody::Piece;
using melody::print;
using namespace voices;

std::string table_of(const Loss& loss, const Network& net) {
  static constexpr const char* names[] = {"chord", "soprano", "bass", "alto", "tenor"};
  std::string text = print("%-10s %10s %10s\n", "token", "tokens", "nats");
  double all = 0.0;
  for (size_t i = 0; i < loss.sums.size(); ++i) {
    text += print("%-10s %10.0f %10.4f\n", names[i], loss.tokens[i], loss.sums[i] / loss.tokens[i]);
    all += loss.tokens[i];
  }
  text += print("%-10s %10.0f %10.4f\n", "all", all, loss.nats());
  return text + print("four voices, %ld weights: %.4f nats a token, every piece counting the same\n",
                      static_cast<long>(weight_count(net)), loss.nats_by_piece());
}

}  // namespace

void train_voices(const std::string& file, const std::string& weights, const VoicesTraining& training) {
  const auto started = std::chrono::steady_clock::now();
  const melody::Corpus corpus = melody::read_corpus(file);
  const melody::Parts parts =
      training.hold_out ? melody::hold_out(corpus.train, file) : melody::Parts{corpus.train, {}};
  const std::vector<Piece>& judged = training.hold_out ? parts.held : corpus.valid;
  if (parts.used.empty()) throw Error::at(file, 1, "\"train\" has no pieces, expected those to train on");
  TrainSettings settings;
  settings.seed = training.seed;
  settings.epochs = training.epochs.value_or(settings.epochs);
  settings.dropout = training.dropout.value_or(settings.dropout);
  settings.decay = training.decay.value_or(settings.decay);
  const Network net = train(random_network(training.shape, settings.seed), parts.used, parts.held, settings,
                            [&](const Epoch& epoch) {
                              std::string line = print("epoch %d of %d: %.4f nats a token trained on",
                                                       epoch.number, settings.epochs, epoch.train_nats);
                              if (!parts.held.empty()) line += print(", %.4f held out", epoch.held_nats);
                              log_info(line);
                            });
  nlohmann::json measured{{"seed", settings.seed}, {"epochs", settings.epochs}};
  if (!judged.empty()) {
    const Loss loss = measure(net, judged);
    measured[training.hold_out ? "held_out_nats" : "valid_nats"] = loss.nats_by_piece();
    std::cout << table_of(loss, net) << std::flush;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  measured["seconds"] = std::round(took.count());
  save_network(net, measured, weights);
  log_info("wrote " + weights);
}

void evaluate_voices(const std::string& file, const std::string& weights) {
  const Network net = load_network(weights);
  const melody::Corpus corpus = melody::read_corpus(file);
  if (corpus.valid.empty())
    throw Error::at(file, 1, "\"valid\" has no pieces, expected the pieces to evaluate on");
  std::cout << table_of(measure(net, corpus.valid), net) << std::flush;
}

}  // namespace auralis
