#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>

#include "fechatter_core/ending_signals.hpp"
#include "fechatter_core/io_threads.hpp"
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
  const EndingSignals signals;
  std::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  asio::io_context io;
  {
    NotifyApp app{settings, io};
    IoThreads threads{io, settings.io_threads};
    app.start();
    spdlog::info("notify_server {} listens on {}:{}", FECHATTER_VERSION, settings.address,
                 app.port());
    if (const auto port = app.admin_port()) {
      spdlog::info("metrics: http://{}:{}/metrics", settings.admin.address, *port);
    }
    signals.wait();
    spdlog::info("draining");
    app.drain();
  }
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
