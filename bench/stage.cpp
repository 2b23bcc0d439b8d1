#include "bench/stage.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <sstream>
#include <stdexcept>

#include "bench/event_loop.hpp"
#include "bench/report.hpp"
#include "tests/support/places.hpp"

namespace fechatter::bench {
namespace {

const std::string services = test::source_path("deploy/local/services");

test::SystemOptions on_database(const DurablePostgres& postgres, const StageOptions& stage) {
  test::SystemOptions options;
  options.database_url = postgres.url("database_url");
  options.notify_database_url = postgres.url("notify_database_url");
  options.migration_url = postgres.url("owner_url");
  options.server = stage.server;
  options.notify = stage.notify;
  return options;
}

// The parent is the second field after the process name in parentheses.
pid_t parent_of(const std::filesystem::path& process) {
  const auto stat = test::read_file(process / "stat");
  const auto name_end = stat.rfind(") ");
  return name_end == std::string::npos ? 0 : std::atoi(stat.c_str() + name_end + 4);
}

pid_t child_that_runs(const std::string& binary) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator{"/proc"}) {
    if (parent_of(entry.path()) != getpid()) continue;
    const auto program = std::filesystem::read_symlink(entry.path() / "exe", ignored);
    if (program == binary) return std::stoi(entry.path().filename());
  }
  throw std::runtime_error{binary + " does not run"};
}

// A stream needs a descriptor on both sides.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// Seconds of user and system time, which stand behind so many fields that follow the process name.
double times_of(pid_t process, int fields_before) {
  const auto stat = test::read_file(fmt::format("/proc/{}/stat", process));
  const auto name_end = stat.rfind(") ");
  if (name_end == std::string::npos) throw std::runtime_error{"a process has ended"};
  std::istringstream fields{stat.substr(name_end + 2)};
  std::string skipped;
  for (int i = 0; i < fields_before; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

DurablePostgres::DurablePostgres(bool counts_statements) {
  try {
    std::vector<std::string> command{services, "start-postgres", folder_.path(),
                                     std::to_string(test::free_port())};
    if (counts_statements) command.emplace_back("--statements");
    test::run(command);
  } catch (const std::exception&) {
    stop();
    throw;
  }
}

DurablePostgres::~DurablePostgres() {
  stop();
}

void DurablePostgres::stop() noexcept {
  try {
    test::run({services, "stop-postgres", folder_.path(), "--immediate"});
  } catch (const std::exception& error) {
    fmt::print(stderr, "PostgreSQL in {} was not stopped: {}\n", folder_.path(), error.what());
  }
}

std::string DurablePostgres::url(const std::string& file) const {
  auto url = test::read_file(folder_.path(file));
  while (url.ends_with('\n')) url.pop_back();
  return url;
}

Stage::Stage(std::size_t people, const StageOptions& options)
    : postgres_{options.counts_statements}, system_{on_database(postgres_, options)} {
  people_.reserve(people);
  for (std::size_t i = 0; i < people; ++i) {
    check_not_stopped();
    people_.push_back(system_.signs_up(fmt::format("person-{}", i)));
  }
}

std::int64_t Stage::make_group(std::size_t first, std::size_t count) const {
  std::vector<std::int64_t> others;
  for (std::size_t i = 1; i < count; ++i) others.push_back(people_[first + i].id());
  return people_[first].makes_chat("Group", others, fmt::format("group of {}", first));
}

void Stage::post(const std::string& token, std::int64_t chat, const std::string& text) const {
  const auto reply =
      test::request(server_port(), "POST", fmt::format("/api/chat/{}/messages", chat),
                    nlohmann::json{{"content", text}}, {{"Authorization", "Bearer " + token}});
  if (reply.status != 201) throw std::runtime_error{"a message was refused: " + reply.body};
}

pid_t Stage::server_process() const {
  return child_that_runs(test::server_program());
}

pid_t Stage::notify_process() const {
  return child_that_runs(test::notify_program());
}

// User and system time are the twelfth and thirteenth fields after the process name.
double processor_seconds(pid_t process) {
  return times_of(process, 11);
}

double children_processor_seconds(pid_t process) {
  return times_of(process, 13);
}

std::int64_t resident_kib(pid_t process) {
  std::istringstream status{test::read_file(fmt::format("/proc/{}/status", process))};
  std::string word;
  std::int64_t size = 0;
  while (status >> word && word != "VmRSS:") {}
  if (!(status >> size)) throw std::runtime_error{"a process has ended"};
  return size;
}

int guarded(int (*run)(int, char**), int argc, char** argv) {
  try {
    take_signals();
    raise_descriptor_limit();
    return run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return 1;
  }
}

}  // namespace fechatter::bench
