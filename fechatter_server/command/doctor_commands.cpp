#include "fechatter_server/command/doctor_commands.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "fechatter_server/command/doctor_dependencies.hpp"
#include "fechatter_server/command/doctor_machine.hpp"
#include "fechatter_server/command/doctor_public.hpp"
#include "fechatter_server/command/text_table.hpp"

namespace fechatter::server {
namespace {

using State = Finding::State;

struct DoctorArguments {
  std::string nats_monitor;
  PublicAddress address;
  bool strict = false;
};

const char* finding_name(State state) {
  switch (state) {
    case State::good: return "good";
    case State::unknown: return "unknown";
    case State::warning: return "warning";
    case State::bad: return "bad";
    case State::unreachable: return "unreachable";
  }
  return "unknown";
}

bool has(const Findings& findings, State state) {
  return std::any_of(findings.begin(), findings.end(),
                     [state](const auto& finding) { return finding.state == state; });
}

int verdict(const Findings& findings, bool strict) {
  if (has(findings, State::unreachable)) return exit_code::unreachable;
  if (has(findings, State::bad)) return exit_code::failed;
  return strict && has(findings, State::warning) ? exit_code::failed : exit_code::done;
}

int examine(const CommandInput& input, const DoctorArguments& arguments) {
  const auto settings = input.settings();
  Findings findings;
  check_keys(findings, settings);
  check_descriptors(findings, settings);
  check_files(findings, settings);
  check_postgres(findings, settings);
  check_nats(findings, settings, arguments.nats_monitor);
  check_search(findings, settings);
  if (!arguments.address.url.empty()) check_public_address(findings, arguments.address);
  auto list = nlohmann::ordered_json::array();
  std::vector<std::vector<std::string>> lines;
  for (const auto& finding : findings) {
    const auto* state = finding_name(finding.state);
    list.push_back({{"check", finding.check}, {"state", state}, {"detail", finding.detail}});
    lines.push_back({state, finding.check, finding.detail});
  }
  const auto code = verdict(findings, arguments.strict);
  print_report(input, {{"good", code == exit_code::done}, {"checks", list}}, text_table(lines));
  return code;
}

}  // namespace

void add_doctor_command(CommandTable& table) {
  const auto arguments = std::make_shared<DoctorArguments>();
  auto& command =
      table.add(table.root(), "doctor", "Look at everything that the installation needs",
                [arguments](const CommandInput& input) { return examine(input, *arguments); });
  command.add_option("--nats-monitor", arguments->nats_monitor,
                     "The monitoring of NATS, for its sync_interval: http://127.0.0.1:8222");
  auto* url = command.add_option("--public-url", arguments->address.url,
                                 "What browsers open: https://chat.example.com");
  command
      .add_option("--email", arguments->address.email,
                  "Sign in there as this user and open a stream; stdin has the password")
      ->needs(url);
  command.add_flag("--strict", arguments->strict, "Warnings count, too");
}

}  // namespace fechatter::server
