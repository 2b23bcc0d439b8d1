#include "fechatter_server/command/doctor_machine.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "fechatter_core/auth/signing_key.hpp"
#include "fechatter_server/file/file_store_choice.hpp"

namespace fechatter::server {
namespace {

using State = Finding::State;

constexpr std::uint64_t mebibyte = 1024 * 1024;

// Beside the connections of clients: PostgreSQL, NATS, files.
constexpr rlim_t own_descriptors = 256;

void check_mode(Findings& findings, const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return;
  const auto mode = status.st_mode & 07777;
  const bool open = (mode & 077) != 0;
  findings.push_back({"keys.mode", open ? State::bad : State::good,
                      fmt::format("{} has mode {:04o}{}", path, mode,
                                  open ? ": other users may read it; chmod 0600" : "")});
}

// REQUIRES: the context outlives the store, whose threads may still be in it afterwards.
std::uint64_t free_bytes_of(asio::io_context& io, file::FileStore& store) {
  const Executor strand{io.get_executor()};
  auto checked = asio::co_spawn(strand, store.check(), asio::use_future);
  auto free = asio::co_spawn(strand, store.free_bytes(), asio::use_future);
  io.run();
  checked.get();
  return free.get();
}

}  // namespace

void check_keys(Findings& findings, const ServerSettings& settings) {
  try {
    const auto key = auth::load_private_key(settings.private_key);
    const auto count = auth::load_verifying_keys(settings.private_key).size();
    findings.push_back({"keys.private", State::good,
                        fmt::format("signs with {}{}", auth::fingerprint(key),
                                    count > 1 ? ", and a rotation is under way" : "")});
    check_mode(findings, settings.private_key);
  } catch (const std::exception& error) {
    findings.push_back({"keys.private", State::bad, error.what()});
  }
}

void check_descriptors(Findings& findings, const ServerSettings& settings) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const auto needed = static_cast<rlim_t>(settings.http.connections_max) + own_descriptors;
  const bool enough = limit.rlim_cur >= needed;
  findings.push_back(
      {"machine.descriptors", enough ? State::good : State::warning,
       fmt::format("{} may be open here, http.connections_max needs {}", limit.rlim_cur, needed)});
}

void check_files(Findings& findings, const ServerSettings& settings) {
  try {
    asio::io_context io;
    const auto store = make_file_store(settings.files);
    const auto free = free_bytes_of(io, *store) / mebibyte;
    const bool enough = free >= settings.files.free_mib_min;
    findings.push_back({"files.store", State::good, "can be read and written"});
    findings.push_back(
        {"files.free", enough ? State::good : State::warning,
         fmt::format("{} MiB, files.free_mib_min is {}", free, settings.files.free_mib_min)});
  } catch (const std::exception& error) {
    findings.push_back({"files.store", State::bad, error.what()});
  }
}

}  // namespace fechatter::server
