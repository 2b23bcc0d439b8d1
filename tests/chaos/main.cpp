#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <random>
#include <sstream>

#include "tests/chaos/plan.hpp"
#include "tests/chaos/run.hpp"

namespace {

volatile std::sig_atomic_t signalled = 0;

void note_signal(int /*number*/) {
  signalled = 1;
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts;
  std::istringstream text{list};
  for (std::string part; std::getline(text, part, ',');) parts.push_back(part);
  return parts;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace fechatter::chaos;
  RunOptions options;
  options.seed = std::random_device{}() % 1'000'000;
  std::string kinds;
  CLI::App arguments{"Fechatter under faults: checks the promised invariants"};
  arguments.add_option("--seed", options.seed, "seed of the faults and of the clients");
  arguments.add_option("--minutes", options.minutes, "minutes of faults")
      ->check(CLI::Range(0.05, 600.0));
  arguments.add_option("--faults", kinds,
                       "only these kinds, separated by commas: " + all_fault_kinds() +
                           "; or `power` alone: power cuts");
  arguments.add_option("--cuts", options.cuts, "so many power cuts, in place of --minutes");
  arguments.add_flag("--nats-syncs-always", options.power.nats_syncs_always,
                     "NATS acknowledges what is on the disk, when the power is cut");
  arguments.add_option("--nats-server", options.power.nats_program,
                       "the program, when the power is cut");
  arguments.add_flag("!--without-fsync", options.power.postgres_syncs,
                     "with power cuts, PostgreSQL runs with fsync=off: messages must get lost");
  arguments.add_option("--out", options.folder,
                       "folder for the histories and logs of a failed run");
  arguments.add_option("--publish", options.publish_to,
                       "folder for the histories of all runs, for others to judge");
  CLI11_PARSE(arguments, argc, argv);
  options.kinds = split(kinds);
  if (options.kinds.size() > 1 && kinds.find(power_cut) != std::string::npos) {
    std::cerr << "chaos: power cuts come alone\n";
    return 2;
  }
  std::signal(SIGINT, note_signal);
  std::signal(SIGTERM, note_signal);
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return run(options, [] { return signalled != 0; }) ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << "chaos: " << error.what() << "\n";
    return 2;
  }
}
