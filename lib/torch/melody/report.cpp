// SPDX-License-Identifier: MIT
#include "torch/melody/report.h"

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <limits>

namespace auralis::melody {
namespace {

std::string row(const Scored& scored) {
  return print("%-46s %8.4f %8.4f %8.4f\n", scored.name.c_str(), scored.loss.symbol, scored.loss.length,
               scored.loss.nats());
}

double percent_below(double value, double reference) { return 100.0 * (1.0 - value / reference); }

}  // namespace

std::string print(const char* format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return text;
}

const Scored& best_of(std::span<const Scored> baselines) {
  return *std::min_element(baselines.begin(), baselines.end(),
                           [](const Scored& a, const Scored& b) { return a.loss.nats() < b.loss.nats(); });
}

std::string evaluation_table(const Scored& network, std::span<const Scored> baselines) {
  std::string text = print("%-46s %8s %8s %8s\n", "nats a note", "symbol", "length", "both");
  for (const Scored& baseline : baselines) text += row(baseline);
  text += row(network);
  if (baselines.empty()) return text;
  const Scored& best = best_of(baselines);
  double symbol = std::numeric_limits<double>::infinity();
  double length = std::numeric_limits<double>::infinity();
  for (const Scored& baseline : baselines) {
    symbol = std::min(symbol, baseline.loss.symbol);
    length = std::min(length, baseline.loss.length);
  }
  text += print("The transformer is %.1f %% below the best baseline (%s),\n",
                percent_below(network.loss.nats(), best.loss.nats()), best.name.c_str());
  text += print("and %.1f %% below the best symbols and the best lengths of different baselines (%.4f).\n",
                percent_below(network.loss.nats(), symbol + length), symbol + length);
  return text;
}

std::string training_curve(std::span<const Epoch> epochs, const Loss& valid, const Scored& best_baseline) {
  constexpr double left = 56.0;
  constexpr double right = 600.0;
  constexpr double top = 40.0;
  constexpr double bottom = 320.0;
  double low = valid.nats();
  for (const Epoch& epoch : epochs) low = std::min({low, epoch.train.nats(), epoch.held.nats()});
  const double floor = std::floor(low * 5.0) / 5.0;
  const double ceiling = std::ceil((best_baseline.loss.nats() + 0.3) * 5.0) / 5.0;
  const double last = epochs.empty() ? 1.0 : std::max(2, epochs.back().number);
  const auto x = [&](double epoch) { return left + (right - left) * (epoch - 1.0) / (last - 1.0); };
  const auto y = [&](double nats) {
    return bottom - (bottom - top) * (std::min(nats, ceiling) - floor) / (ceiling - floor);
  };
  std::string svg =
      R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 840 370" font-family="sans-serif" font-size="12">
<!-- SPDX-License-Identifier: MIT -->
<rect width="840" height="370" fill="#fff"/>
<text x="56" y="22" font-size="15">Training of the melody transformer: nats a note by epoch</text>
)";
  for (double nats = floor; nats < ceiling + 0.01; nats += 0.2) {
    svg += print(
        "<path d=\"M%.0f %.1fH%.0f\" stroke=\"#ddd\"/><text x=\"48\" y=\"%.1f\" "
        "text-anchor=\"end\">%.1f</text>\n",
        left, y(nats), right, y(nats) + 4.0, nats);
  }
  const int every = std::max(1, static_cast<int>(last) / 10);
  for (int epoch = 1; epoch <= static_cast<int>(last); epoch += every) {
    svg += print("<text x=\"%.1f\" y=\"338\" text-anchor=\"middle\">%d</text>\n", x(epoch), epoch);
  }
  svg += print("<text x=\"%.0f\" y=\"358\" text-anchor=\"middle\">epoch</text>\n", (left + right) / 2.0);

  // Labels stand beside the ends of what they name, moved apart where they would touch.
  struct Label {
    double at;
    std::string text;
    const char* colour;
  };
  std::vector<Label> labels;
  const auto curve = [&](const char* name, const char* colour, auto loss_of) {
    std::string points;
    for (const Epoch& epoch : epochs)
      points += print("%.1f,%.1f ", x(epoch.number), y(loss_of(epoch).nats()));
    svg += print("<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" points=\"", colour) + points +
           "\"/>\n";
    const double end = loss_of(epochs.back()).nats();
    labels.push_back({y(end), print("%s: %.3f", name, end), colour});
  };
  if (!epochs.empty()) {
    curve("trained on, with dropout", "#7a869a", [](const Epoch& epoch) { return epoch.train; });
    curve("held out of training", "#1f5fbf", [](const Epoch& epoch) { return epoch.held; });
  }
  const double baseline_y = y(best_baseline.loss.nats());
  svg +=
      print("<path d=\"M%.0f %.1fH%.0f\" stroke=\"#b5482a\" stroke-width=\"2\" stroke-dasharray=\"6 4\"/>\n",
            left, baseline_y, right);
  labels.push_back(
      {baseline_y, print("validation, best n-gram: %.3f", best_baseline.loss.nats()), "#b5482a"});
  svg += print("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" fill=\"#0a7d4b\"/>\n", right, y(valid.nats()));
  labels.push_back({y(valid.nats()), print("validation, transformer: %.3f", valid.nats()), "#0a7d4b"});
  std::sort(labels.begin(), labels.end(), [](const Label& a, const Label& b) { return a.at < b.at; });
  double free_from = top;
  for (const Label& label : labels) {
    const double at = std::max(label.at, free_from);
    free_from = at + 16.0;
    svg += print("<text x=\"%.0f\" y=\"%.1f\" fill=\"%s\">%s</text>\n", right + 12.0, at + 4.0, label.colour,
                 label.text.c_str());
  }
  return svg + "</svg>\n";
}

}  // namespace auralis::melody
