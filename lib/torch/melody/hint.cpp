// SPDX-License-Identifier: MIT
#include "torch/melody/hint.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/softmax.h>
#include <c10/core/GradMode.h>

#include <cmath>

namespace auralis::melody {
namespace {

constexpr size_t notes_alike = 3;

// Whether the notes before i and those before j have the same steps and lengths.
bool alike(const Line& line, size_t i, size_t j) {
  for (size_t back = 1; back <= notes_alike; ++back) {
    const Note& here = line[i - back];
    const Note& there = line[j - back];
    if (here.length != there.length || here.symbol == silence || there.symbol == silence) return false;
    if (here.symbol - there.symbol != line[i - 1].symbol - line[j - 1].symbol) return false;
  }
  return true;
}

Odds odds_at(const at::Tensor& shares, int64_t note, int actual, int hinted) {
  const float* row = shares.data_ptr<float>() + note * shares.size(-1);
  return {row[actual], hinted < 0 ? 0.0 : static_cast<double>(row[hinted]), hinted == actual};
}

double hinted_nats(const Odds& odds, double nats) {
  if (odds.hinted <= 0.0) return -std::log(odds.actual);
  return std::log1p(odds.hinted * std::expm1(nats)) - std::log(odds.actual) - (odds.alike ? nats : 0.0);
}

}  // namespace

std::vector<Hint> hints_in(const Line& line) {
  std::vector<Hint> hints(line.size());
  for (size_t i = notes_alike + 1; i < line.size(); ++i) {
    for (size_t j = i - 1; j >= notes_alike; --j) {
      if (!alike(line, i, j)) continue;
      const int moved = line[i - 1].symbol - line[j - 1].symbol;
      const bool rests = line[j].symbol == silence;
      const int symbol = rests ? silence : line[j].symbol + moved;
      if (rests || (symbol >= 0 && symbol < silence)) hints[i] = {symbol, line[j].length};
      break;
    }
  }
  return hints;
}

std::vector<NoteOdds> odds_of(const Network& net, std::span<const Line> lines) {
  const c10::NoGradGuard no_grad;
  const Arithmetic fast{};
  std::vector<NoteOdds> all;
  for (const Line& line : lines) {
    std::vector<Slot> slots;
    append_slots(line, 0, slots);
    const Batch batch = make_batch(slots, static_cast<int>(slots.size()), false);
    const at::Tensor read = read_notes(net, batch, fast);
    const at::Tensor symbols = at::softmax(symbol_logits(net, read, batch, fast), -1).contiguous();
    const at::Tensor lengths =
        at::softmax(length_logits(net, read, batch, batch.symbol, fast), -1).contiguous();
    const std::vector<Hint> hints = hints_in(line);
    for (size_t i = 0; i < line.size(); ++i) {
      const auto note = static_cast<int64_t>(i);
      all.push_back({odds_at(symbols, note, line[i].symbol, hints[i].symbol),
                     odds_at(lengths, note, line[i].length, hints[i].length)});
    }
  }
  return all;
}

std::vector<NoteOdds> odds_of(const Baseline& baseline, std::span<const Line> train,
                              std::span<const Line> lines) {
  const Ngrams ngrams = count_ngrams(baseline, train);
  std::vector<NoteOdds> all;
  for (const Line& line : lines) {
    const std::vector<Hint> hints = hints_in(line);
    for (size_t i = 0; i < line.size(); ++i) {
      const auto odds = [](const Ngram& ngram, const Ngram::Context& context, int actual, int hinted) {
        const double of_hinted = hinted < 0 ? 0.0 : ngram.probability(context, hinted);
        return Odds{ngram.probability(context, actual), of_hinted, hinted == actual};
      };
      all.push_back(
          {odds(ngrams.symbols, symbol_context(line, i, baseline), line[i].symbol, hints[i].symbol),
           odds(ngrams.lengths, length_context(line, i, baseline), line[i].length, hints[i].length)});
    }
  }
  return all;
}

Loss hinted_loss(std::span<const NoteOdds> odds, double nats) {
  Loss loss;
  for (const NoteOdds& note : odds) {
    loss.symbol += hinted_nats(note.symbol, nats);
    loss.length += hinted_nats(note.length, nats);
  }
  const auto count = static_cast<double>(odds.size());
  return {loss.symbol / count, loss.length / count};
}

}  // namespace auralis::melody
