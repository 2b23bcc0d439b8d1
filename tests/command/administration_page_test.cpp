#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <regex>
#include <set>
#include <sstream>

#include "tests/command/command_fixture.hpp"
#include "tests/support/places.hpp"

// docs/administration.md: its commands do what they say.
namespace fechatter::test {
namespace {

// The commands of the code blocks, with their continued lines.
std::vector<std::string> commands_of_the_page() {
  std::istringstream page{read_file(source_path("docs/administration.md"))};
  std::vector<std::string> commands;
  bool continues = false;
  for (std::string line; std::getline(page, line);) {
    if (line.rfind("    ", 0) != 0) continue;
    line.erase(0, continues ? line.find_first_not_of(' ') : 4);
    if (continues) {
      commands.back() += line;
    } else {
      commands.push_back(line);
    }
    auto& command = commands.back();
    continues = command.ends_with('\\');
    if (continues) command.pop_back();
  }
  std::erase_if(commands, [](const auto& command) { return !command.starts_with("fechatter_"); });
  return commands;
}

class AdministrationPage : public testing::Test {
 protected:
  AdministrationPage() {
    std::filesystem::create_symlink(server_program(), system.folder.path("fechatter_server"));
    std::ofstream{system.folder.path("password.txt")} << "correct horse battery\n";
  }
  // As a shell runs it, in a folder that stands in for /etc/fechatter.
  int run_line(const std::string& line) {
    static const std::regex etc{"/etc/fechatter"};
    const auto script = fmt::format("cd '{0}' && PATH='{0}':$PATH && {1}", system.folder.path(),
                                    std::regex_replace(line, etc, system.folder.path()));
    Process process{{"sh", "-c", script}, system.folder.path("out"), environment};
    return process.wait(std::chrono::seconds{60});
  }

  System system{CommandTest::without_notify()};
  Environment environment =
      server_environment({system.database->url(), system.nats.server_url(), system.folder.path()},
                         {{"FECHATTER_DATABASE__MIGRATION_URL", system.database->owner_url()}});
};

TEST_F(AdministrationPage, EachCommandDoesWhatItSays) {
  const auto commands = commands_of_the_page();
  EXPECT_GT(commands.size(), 30U);
  for (const auto& command : commands) {
    // The database of a test is not durable, and `doctor` says so.
    const int expected = command == "fechatter_server doctor" ? 1 : 0;
    EXPECT_EQ(run_line(command), expected) << command << "\n"
                                           << read_file(system.folder.path("out"));
  }
}

// A command that is added and not described is found here.
TEST_F(AdministrationPage, EachCommandOfTheProgramIsOnThePage) {
  const auto page = read_file(source_path("docs/administration.md"));
  std::set<std::string> found;
  const std::function<void(std::vector<std::string>)> visit = [&](std::vector<std::string> path) {
    auto arguments = path;
    arguments.push_back("--help");
    std::istringstream help{run_command(arguments, environment).out};
    bool listed = false;
    bool is_leaf = true;
    for (std::string line; std::getline(help, line);) {
      if (line.starts_with("Subcommands:")) {
        listed = true;
      } else if (listed && line.starts_with("  ") && line[2] != ' ') {
        is_leaf = false;
        auto deeper = path;
        deeper.push_back(line.substr(2, line.find(' ', 2) - 2));
        visit(deeper);
      }
    }
    std::string name{"fechatter_server"};
    for (const auto& part : path) name += " " + part;
    if (is_leaf && !path.empty()) found.insert(name);
  };
  visit({});
  EXPECT_GE(found.size(), 22U);
  found.erase("fechatter_server serve");
  for (const auto& name : found) {
    EXPECT_NE(page.find(name), std::string::npos) << name << " is not on the page";
  }
}

}  // namespace
}  // namespace fechatter::test
