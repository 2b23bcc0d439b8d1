#include "tests/chaos/publication.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "tests/chaos/archive.hpp"
#include "tests/support/places.hpp"
#include "tests/support/process.hpp"

namespace fechatter::chaos {
namespace {

using nlohmann::json;

// The first line of what a program says; "unknown" without it.
std::string first_line_of(const std::vector<std::string>& command) {
  try {
    const auto text = test::run(command);
    return text.substr(0, text.find('\n'));
  } catch (const std::exception&) {
    return "unknown";
  }
}

json describe(const Result& result, const Provenance& provenance) {
  const auto& options = provenance.options;
  auto about =
      json{{"seed", result.seed},
           {"minutes", options.minutes},
           {"faults", options.kinds},
           {"violations", result.violations.size()},
           {"versions",
            {{"commit", first_line_of({"git", "-C", test::source_path(""), "rev-parse", "HEAD"})},
             {"postgres", provenance.postgres_version},
             {"nats", first_line_of({options.power.nats_program, "--version"})}}}};
  if (result.cuts > 0) {
    about["power"] = {{"cuts", result.cuts},
                      {"nats_syncs_always", options.power.nats_syncs_always},
                      {"postgres_syncs", options.power.postgres_syncs}};
  }
  return about;
}

void write_plans(const std::vector<std::vector<Planned>>& plans, const std::string& path) {
  std::ofstream file{path};
  for (std::size_t round = 0; round < plans.size(); ++round) {
    for (const auto& planned : plans[round]) {
      const json line{{"round", round},           {"at_ms", planned.at.count()},
                      {"kind", planned.kind},     {"lasts_ms", planned.lasts.count()},
                      {"target", planned.target}, {"detail", planned.detail}};
      file << line.dump() << "\n";
    }
  }
}

void refuse_secrets(const std::vector<std::string>& secrets, const std::string& folder) {
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    const auto text = test::read_file(entry.path());
    for (const auto& secret : secrets) {
      if (text.find(secret) == std::string::npos) continue;
      std::filesystem::remove_all(folder);
      throw std::runtime_error{
          fmt::format("a secret is in {}; not published", entry.path().filename().string())};
    }
  }
}

}  // namespace

void publish(const Result& result, const Provenance& provenance,
             const std::vector<std::string>& secrets, const std::string& folder) {
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  archive(result, folder);
  write_plans(provenance.plans, folder + "/plan.jsonl");
  std::ofstream{folder + "/run.json"} << describe(result, provenance).dump(2) << "\n";
  refuse_secrets(secrets, folder);
}

}  // namespace fechatter::chaos
