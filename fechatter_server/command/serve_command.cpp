#include "fechatter_server/command/serve_command.hpp"

#include <boost/asio/io_context.hpp>
#include <csignal>
#include <thread>
#include <vector>

#include "fechatter_core/error.hpp"
#include "fechatter_server/app.hpp"
#include "fechatter_server/command/migrate_commands.hpp"

namespace fechatter::server {
namespace {

sigset_t ending_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

// Waits for the database, which may start at the same time as this process.
void migrate_when_possible(const ServerSettings& settings) {
  while (true) {
    try {
      run_migrations(settings);
      return;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::database_unavailable) throw;
      spdlog::warn("waiting for the database");
    }
    const timespec pause{1, 0};
    const auto signals = ending_signals();
    if (sigtimedwait(&signals, nullptr, &pause) > 0) throw std::runtime_error{"stopped"};
  }
}

}  // namespace

int serve(const CommandInput& input) {
  const auto settings = input.settings();
  // Only this thread receives signals, by sigwait.
  const auto signals = ending_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  if (settings.migrate_at_start) migrate_when_possible(settings);

  asio::io_context io;
  auto work = asio::make_work_guard(io);
  const auto cores = std::max(1U, std::thread::hardware_concurrency());
  const auto thread_count = settings.io_threads > 0 ? settings.io_threads : cores;
  std::vector<std::thread> threads;
  {
    App app{settings, io};
    for (std::size_t i = 0; i < thread_count; ++i) threads.emplace_back([&io] { io.run(); });
    app.start();
    spdlog::info("fechatter_server {} listens on {}:{}", FECHATTER_VERSION, settings.address,
                 app.port());
    if (const auto port = app.admin_port()) {
      spdlog::info("metrics: http://{}:{}/metrics", settings.admin.address, *port);
    }
    int signal = 0;
    sigwait(&signals, &signal);
    spdlog::info("draining");
    app.drain();
    work.reset();
    io.stop();
    for (auto& thread : threads) thread.join();
  }
  spdlog::info("stopped");
  return exit_code::done;
}

}  // namespace fechatter::server
