// SPDX-License-Identifier: MIT
#include "mistakes.h"

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "base/text.h"

namespace auralis::cli {
namespace {

bool has(const std::vector<OptionInfo>& options, std::string_view name) {
  return std::ranges::find(options, name, &OptionInfo::name) != options.end();
}

std::vector<OptionInfo> options_of(const CommandInfo& command) {
  std::vector<OptionInfo> all = command.options;
  std::erase_if(all, [](const OptionInfo& option) { return option.is_operand(); });
  return all;
}

// Two dashes are meant where one was written, or those options that begin with the letter.
std::string meant_option(const std::vector<OptionInfo>& options, const std::string& word) {
  const std::string given = word.substr(0, word.find('='));
  std::vector<std::string_view> known;
  std::string like_letter;
  for (const OptionInfo& option : options) {
    known.push_back(option.name());
    const bool begins_so = given.size() == 2 && option.name().starts_with("-" + given);
    if (begins_so) like_letter += (like_letter.empty() ? "" : " or ") + std::string(option.name());
  }
  if (given.size() == 2) return like_letter;
  const std::string name = given.starts_with("--") ? given : "-" + given;
  return std::string(nearest_name(name, known));
}

// "--loop", where --on-end loop is meant.
std::string meant_choice(const std::vector<OptionInfo>& options, std::string_view word) {
  if (!word.starts_with("--")) return {};
  word.remove_prefix(2);
  for (const OptionInfo& option : options) {
    if (std::ranges::find(option.choices, word) != option.choices.end())
      return std::string(option.name()) + " " + std::string(word);
  }
  return {};
}

// The command whose option it is.
std::string owner_of(const std::string& word) {
  const std::string_view name = std::string_view(word).substr(0, word.find('='));
  for (const CommandInfo& command : all_commands()) {
    if (has(command.options, name)) return command.name;
  }
  return {};
}

bool is_number(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; });
}

// The option whose value a bare word may be.
std::string_view option_for(const std::vector<OptionInfo>& options, const std::string& word) {
  const std::string extension = std::filesystem::path(word).extension().string();
  const bool is_preset = extension.empty() || extension == ".yaml" || extension == ".yml";
  if (is_number(word)) return has(options, "--port") ? "--port" : "";
  if (is_preset && has(options, "--preset")) return "--preset";
  return !extension.empty() && has(options, "--output") ? "--output" : "";
}

}  // namespace

std::string meant_words(const CommandInfo& command, const std::vector<std::string>& words) {
  const std::vector<OptionInfo> options = options_of(command);
  for (const std::string& word : words) {
    if (!word.starts_with('-') || word.size() < 2) continue;
    if (const std::string owner = owner_of(word); !owner.empty())
      return word + " is unknown here, it belongs to " + owner;
    std::string meant = meant_choice(options, word);
    if (meant.empty()) meant = meant_option(options, word);
    return meant.empty() ? "" : word + " is unknown, expected " + meant;
  }
  for (const std::string& word : words) {
    const std::string_view option = option_for(options, word);
    if (!option.empty()) return word + " is unexpected; write " + std::string(option) + " " + word;
  }
  return {};
}

}  // namespace auralis::cli
