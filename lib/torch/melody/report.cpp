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

std::string hinted_table(double nats, const Loss& network, const Scored& best_baseline) {
  return print("Told what their motif has, by %.2f nats, which serve the best baseline best:\n", nats) +
         row(best_baseline) + row({"transformer", network}) +
         print("The transformer is %.1f %% below it.\n",
               percent_below(network.nats(), best_baseline.loss.nats()));
}

namespace {

// Where epochs and nats lie on the picture.
struct Axes {
  static constexpr double left = 56.0;
  static constexpr double right = 600.0;
  static constexpr double top = 40.0;
  static constexpr double bottom = 320.0;
  double floor;
  double ceiling;
  double last_epoch;

  double x(double epoch) const { return left + (right - left) * (epoch - 1.0) / (last_epoch - 1.0); }
  double y(double nats) const {
    return bottom - (bottom - top) * (std::min(nats, ceiling) - floor) / (ceiling - floor);
  }
};

Axes axes_of(std::span<const Epoch> epochs, const Loss& valid, const Scored& best_baseline) {
  double low = valid.nats();
  for (const Epoch& epoch : epochs) low = std::min({low, epoch.train.nats(), epoch.held.nats()});
  return {.floor = std::floor(low * 5.0) / 5.0,
          .ceiling = std::ceil((best_baseline.loss.nats() + 0.3) * 5.0) / 5.0,
          .last_epoch = epochs.empty() ? 2.0 : std::max(2, epochs.back().number)};
}

std::string grid(const Axes& axes) {
  std::string svg;
  for (double nats = axes.floor; nats < axes.ceiling + 0.01; nats += 0.2) {
    svg += print(
        "<path d=\"M%.0f %.1fH%.0f\" stroke=\"#ddd\"/><text x=\"48\" y=\"%.1f\" "
        "text-anchor=\"end\">%.1f</text>\n",
        Axes::left, axes.y(nats), Axes::right, axes.y(nats) + 4.0, nats);
  }
  const int last = static_cast<int>(axes.last_epoch);
  const int every = std::max(1, last / 10);
  for (int epoch = 1; epoch <= last; epoch += every) {
    svg += print("<text x=\"%.1f\" y=\"338\" text-anchor=\"middle\">%d</text>\n", axes.x(epoch), epoch);
  }
  return svg + print("<text x=\"%.0f\" y=\"358\" text-anchor=\"middle\">epoch</text>\n",
                     (Axes::left + Axes::right) / 2.0);
}

std::string curve(const Axes& axes, std::span<const Epoch> epochs, Loss Epoch::*loss, const char* colour) {
  std::string points;
  for (const Epoch& epoch : epochs)
    points += print("%.1f,%.1f ", axes.x(epoch.number), axes.y((epoch.*loss).nats()));
  return print("<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" points=\"", colour) + points +
         "\"/>\n";
}

struct CurveLabel {
  double at;
  std::string text;
  const char* colour;
};

// Beside the ends of what they name, moved apart where they would touch.
std::string labels_at_the_right(std::vector<CurveLabel> labels) {
  std::sort(labels.begin(), labels.end(),
            [](const CurveLabel& a, const CurveLabel& b) { return a.at < b.at; });
  std::string svg;
  double free_from = Axes::top;
  for (const CurveLabel& label : labels) {
    const double at = std::max(label.at, free_from);
    free_from = at + 16.0;
    svg += print("<text x=\"%.0f\" y=\"%.1f\" fill=\"%s\">%s</text>\n", Axes::right + 12.0, at + 4.0,
                 label.colour, label.text.c_str());
  }
  return svg;
}

}  // namespace

std::string training_curve(std::span<const Epoch> epochs, const Loss& valid, const Scored& best_baseline) {
  const Axes axes = axes_of(epochs, valid, best_baseline);
  std::string svg =
      R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 840 370" font-family="sans-serif" font-size="12">
<!-- SPDX-License-Identifier: MIT -->
<rect width="840" height="370" fill="#fff"/>
<text x="56" y="22" font-size="15">Training of the melody transformer: nats a note by epoch</text>
)" + grid(axes);

  std::vector<CurveLabel> labels;
  if (!epochs.empty()) {
    const auto add_curve = [&](const char* name, const char* colour, Loss Epoch::*loss) {
      svg += curve(axes, epochs, loss, colour);
      const double end = (epochs.back().*loss).nats();
      labels.push_back({axes.y(end), print("%s: %.3f", name, end), colour});
    };
    add_curve("trained on, with dropout", "#7a869a", &Epoch::train);
    add_curve("held out of training", "#1f5fbf", &Epoch::held);
  }
  const double baseline_y = axes.y(best_baseline.loss.nats());
  svg +=
      print("<path d=\"M%.0f %.1fH%.0f\" stroke=\"#b5482a\" stroke-width=\"2\" stroke-dasharray=\"6 4\"/>\n",
            Axes::left, baseline_y, Axes::right);
  labels.push_back(
      {baseline_y, print("validation, best n-gram: %.3f", best_baseline.loss.nats()), "#b5482a"});
  const double valid_y = axes.y(valid.nats());
  svg += print("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" fill=\"#0a7d4b\"/>\n", Axes::right, valid_y);
  labels.push_back({valid_y, print("validation, transformer: %.3f", valid.nats()), "#0a7d4b"});
  return svg + labels_at_the_right(std::move(labels)) + "</svg>\n";
}

}  // namespace auralis::melody
