#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "fechatter_core/config.hpp"
#include "fechatter_server/server_settings.hpp"

namespace CLI {
class App;
}

// What the commands of fechatter_server share (docs/administration.md). One file for each group.
namespace fechatter::server {

namespace exit_code {
inline constexpr int done = 0;
inline constexpr int failed = 1;               // refused, or a difference was found
inline constexpr int wrong_configuration = 2;  // or wrong arguments
inline constexpr int unreachable = 3;          // a dependency does not answer
inline constexpr int ended_early = 130;        // by a signal, as shells say it
}  // namespace exit_code

// One call of a command.
struct CommandInput {
  ConfigSources sources;
  bool json = false;       // one object on stdout instead of text
  std::string name;        // "admin create-user"
  std::string actor;       // for audit_log: "operator ann"
  std::string request_id;  // likewise; the object has it, too

  // Loads the settings and sets up the log, which goes to stderr. Throws ConfigError.
  ServerSettings settings() const;
};

using CommandRun = std::function<int(const CommandInput&)>;

// The commands, and which of them the arguments have chosen. One thread.
class CommandTable {
 public:
  explicit CommandTable(CLI::App& root) : root_{root} {}

  CLI::App& root() { return root_; }
  // A group that is no command itself.
  CLI::App& add_group(const std::string& name, const std::string& description);
  CLI::App& add(CLI::App& group, const std::string& name, const std::string& description,
                CommandRun run);
  // Makes a group a command of its own, too: for the time that none of its commands is named.
  void set_run(CLI::App& group, CommandRun run);

  struct Chosen {
    std::string name;  // "serve" when the arguments name none
    CommandRun run;    // empty then
  };
  // REQUIRES: parsed.
  Chosen chosen() const;

 private:
  struct Entry {
    CLI::App* app;
    CommandRun run;
  };

  CLI::App& root_;
  std::vector<Entry> entries_;
};

// Prints the one object of a command (--json), which begins with the command's name, or the text
// for people.
void print_report(const CommandInput& input, const nlohmann::ordered_json& object,
                  std::string_view text);

// The URL of the role that owns the schema: what changes accounts needs it.
const std::string& owner_url(const ServerSettings& settings);

}  // namespace fechatter::server
