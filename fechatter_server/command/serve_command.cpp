#include "fechatter_server/command/serve_command.hpp"

#include <chrono>

#include "fechatter_core/ending_signals.hpp"
#include "fechatter_core/error.hpp"
#include "fechatter_core/io_threads.hpp"
#include "fechatter_server/app.hpp"
#include "fechatter_server/command/migrate_commands.hpp"

namespace fechatter::server {
namespace {

// Waits for the database, which may start at the same time as this process.
void migrate_when_possible(const ServerSettings& settings, const EndingSignals& signals) {
  while (true) {
    try {
      run_migrations(settings);
      return;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::database_unavailable) throw;
      spdlog::warn("waiting for the database");
    }
    if (signals.wait_for(std::chrono::seconds{1})) throw std::runtime_error{"stopped"};
  }
}

}  // namespace

int serve(const CommandInput& input) {
  const auto settings = input.settings();
  const EndingSignals signals;
  if (settings.migrate_at_start) migrate_when_possible(settings, signals);
  asio::io_context io;
  {
    App app{settings, io};
    IoThreads threads{io, settings.io_threads};
    app.start();
    spdlog::info("fechatter_server {} listens on {}:{}", FECHATTER_VERSION, settings.address,
                 app.port());
    if (const auto port = app.admin_port()) {
      spdlog::info("metrics: http://{}:{}/metrics", settings.admin.address, *port);
    }
    signals.wait();
    spdlog::info("draining");
    app.drain();
  }
  spdlog::info("stopped");
  return exit_code::done;
}

}  // namespace fechatter::server
