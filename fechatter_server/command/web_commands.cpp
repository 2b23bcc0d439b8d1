#include "fechatter_server/command/web_commands.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "fechatter_server/web/web_pack.hpp"

namespace fechatter::server {
namespace {

int write_assets(const CommandInput& input, const std::string& folder) {
  const auto count = write_web_assets(read_web_pack(built_web_pack()), folder);
  print_report(input, {{"files", count}}, fmt::format("{} files\n", count));
  return exit_code::done;
}

}  // namespace

void add_web_commands(CommandTable& table) {
  auto& group = table.add_group("web", "The web client that this program carries");
  const auto folder = std::make_shared<std::string>();
  auto& command =
      table.add(group, "assets", "Write its assets to a folder, for the build of the next release",
                [folder](const CommandInput& input) { return write_assets(input, *folder); });
  command.add_option("folder", *folder, "Is made; FECHATTER_WEB_PREVIOUS of that build")
      ->required();
}

}  // namespace fechatter::server
