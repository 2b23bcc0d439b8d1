#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <thread>

#include "notify_server/notify_app.hpp"

namespace fechatter::notify {
namespace {

constexpr int wrong_configuration = 2;

// Each stream needs a descriptor, and the usual soft limit is 1,024.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int serve(const NotifySettings& settings) {
  // Only this thread receives signals, and it does nothing else.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();

  asio::io_context io;
  auto work = asio::make_work_guard(io);
  const auto cores = std::max(1U, std::thread::hardware_concurrency());
  const auto thread_count = settings.io_threads > 0 ? settings.io_threads : cores;
  std::vector<std::jthread> threads;
  NotifyApp app{settings, io};
  for (std::size_t i = 0; i < thread_count; ++i) threads.emplace_back([&io] { io.run(); });
  try {
    app.start();
    spdlog::info("notify_server {} listens on {}:{}", FECHATTER_VERSION, settings.address,
                 app.port());
    if (const auto port = app.admin_port()) {
      spdlog::info("metrics: http://{}:{}/metrics", settings.admin.address, *port);
    }
    int signal = 0;
    sigwait(&signals, &signal);
    spdlog::info("draining");
    app.drain();
  } catch (...) {
    io.stop();
    threads.clear();
    throw;
  }
  io.stop();
  threads.clear();
  spdlog::info("stopped");
  return 0;
}

int run(int argc, char** argv) {
  CLI::App arguments{"Fechatter: the event streams"};
  ConfigSources sources;
  arguments.set_version_flag("--version", FECHATTER_VERSION);
  arguments.add_option("--config", sources.file,
                       "A YAML file; config/notify_server.yml has every key");
  arguments.add_option("--set", sources.flags, "section.key=value, wins over everything else");
  CLI11_PARSE(arguments, argc, argv);
  sources.environment = process_environment();
  const auto settings = load_settings(sources);
  set_up_log(settings.log, "notify_server");
  return serve(settings);
}

}  // namespace
}  // namespace fechatter::notify

int main(int argc, char** argv) {
  try {
    return fechatter::notify::run(argc, argv);
  } catch (const fechatter::ConfigError& error) {
    fmt::print(stderr, "notify_server: {}\n", error.what());
    return fechatter::notify::wrong_configuration;
  } catch (const std::exception& error) {
    fmt::print(stderr, "notify_server: {}\n", error.what());
    return 1;
  }
}
