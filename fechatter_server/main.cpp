#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <csignal>
#include <cstdio>
#include <thread>
#include <vector>

#include "fechatter_core/error.hpp"
#include "fechatter_core/postgres/connection.hpp"
#include "fechatter_core/postgres/migrations.hpp"
#include "fechatter_server/app.hpp"
#include "fechatter_server/auth/founding_commands.hpp"
#include "fechatter_server/file/file_commands.hpp"
#include "fechatter_server/search/search_commands.hpp"

namespace fechatter::server {
namespace {

constexpr int wrong_configuration = 2;

void run_migrations(const ServerSettings& settings) {
  const auto schema = postgres::read_schema(settings.migrations);
  const auto& owner =
      settings.migration_url.empty() ? settings.database_url : settings.migration_url;
  const auto applied = postgres::migrate(
      owner, schema, {postgres::role_of(settings.database_url), settings.notify_role});
  for (const auto& name : applied) spdlog::info("migrated: {}", name);
  print_founding_token(settings, owner);
}

// Waits for the database, which may start at the same time as this process.
void migrate_when_possible(const ServerSettings& settings) {
  while (true) {
    try {
      return run_migrations(settings);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::database_unavailable) throw;
      spdlog::warn("waiting for the database");
    }
    timespec pause{1, 0};
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    if (sigtimedwait(&signals, nullptr, &pause) > 0) throw std::runtime_error{"stopped"};
  }
}

int serve(const ServerSettings& settings) {
  // Only this thread receives signals, by sigwait.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
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
  return 0;
}

struct SearchArguments {
  CLI::App* search = nullptr;
  CLI::App* reindex = nullptr;
  CLI::App* verify = nullptr;
  std::int64_t workspace = 0;
  SearchCommand command;
};

void add_search(CLI::App& arguments, SearchArguments& search) {
  search.search = arguments.add_subcommand("search", "Rebuild or verify the search index, and end");
  search.search->require_subcommand(1);
  search.reindex = search.search->add_subcommand(
      "reindex", "Rebuild the index beside the served one; resumes an interrupted rebuild");
  search.verify = search.search->add_subcommand("verify", "Compare the index with the messages");
  search.verify->add_flag("--repair", search.command.repairs, "Correct the differences");
  for (auto* command : {search.reindex, search.verify}) {
    command
        ->add_option("--workspace", search.workspace,
                     "Only the messages of this workspace, in place")
        ->check(CLI::PositiveNumber);
    command
        ->add_option("--after", search.command.scope.after.value,
                     "Only the messages after this one")
        ->check(CLI::PositiveNumber);
  }
}

int run_search(const ServerSettings& settings, SearchArguments& search) {
  if (search.workspace > 0) search.command.scope.workspace = WorkspaceId{search.workspace};
  return search.reindex->parsed() ? reindex(settings, search.command)
                                  : verify(settings, search.command);
}

struct FilesArguments {
  CLI::App* verify = nullptr;
  FilesCommand command;
};

void add_files(CLI::App& arguments, FilesArguments& files) {
  auto* group = arguments.add_subcommand("files", "The store of files");
  group->require_subcommand(1);
  files.verify = group->add_subcommand("verify", "Compare the store with the database, and end");
  files.verify->add_option("--after", files.command.after, "Only the files with later ids")
      ->check(CLI::PositiveNumber);
  files.verify->add_option("--after-file", files.command.after_file,
                           "Only what the store has behind this file, by its URL");
}

struct AdminArguments {
  CLI::App* create_owner = nullptr;
  OwnerArguments owner;
};

void add_admin(CLI::App& arguments, AdminArguments& admin) {
  auto* group = arguments.add_subcommand("admin", "What only the operator may do");
  group->require_subcommand(1);
  admin.create_owner = group->add_subcommand(
      "create-owner", "Make a workspace and its owner; stdin has the password, and end");
  admin.create_owner->add_option("--workspace", admin.owner.workspace, "Its name")->required();
  admin.create_owner->add_option("--email", admin.owner.email, "The owner's address")->required();
  admin.create_owner->add_option("--fullname", admin.owner.fullname, "The owner's name")
      ->required();
}

int run(int argc, char** argv) {
  CLI::App arguments{"Fechatter: the REST API"};
  ConfigSources sources;
  std::string private_key;
  std::string public_key;
  arguments.set_version_flag("--version", FECHATTER_VERSION);
  arguments.add_option("--config", sources.file,
                       "A YAML file; config/fechatter_server.yml has all keys");
  arguments.add_option("--set", sources.flags, "section.key=value, overrides all other sources");
  arguments.add_subcommand("serve", "Serve (the default)");
  const auto* migrate = arguments.add_subcommand("migrate", "Apply the migrations and end");
  auto* keys = arguments.add_subcommand("keys", "Create a key pair unless it exists, and end");
  keys->add_option("--private", private_key, "PEM, for fechatter_server only")->required();
  keys->add_option("--public", public_key, "PEM, for notify_server")->required();
  SearchArguments search;
  add_search(arguments, search);
  FilesArguments files;
  add_files(arguments, files);
  AdminArguments admin;
  add_admin(arguments, admin);
  arguments.require_subcommand(0, 1);
  CLI11_PARSE(arguments, argc, argv);

  if (keys->parsed()) {
    auth::make_key_pair(private_key, public_key);
    return 0;
  }
  sources.environment = process_environment();
  const auto settings = load_settings(sources);
  set_up_log(settings.log, "fechatter_server");
  if (migrate->parsed()) {
    run_migrations(settings);
    return 0;
  }
  if (search.search->parsed()) return run_search(settings, search);
  if (files.verify->parsed()) return verify_files(settings, files.command);
  if (admin.create_owner->parsed()) return create_owner(settings, admin.owner);
  return serve(settings);
}

}  // namespace
}  // namespace fechatter::server

int main(int argc, char** argv) {
  try {
    return fechatter::server::run(argc, argv);
  } catch (const fechatter::ConfigError& error) {
    fmt::print(stderr, "fechatter_server: {}\n", error.what());
    return fechatter::server::wrong_configuration;
  } catch (const std::exception& error) {
    fmt::print(stderr, "fechatter_server: {}\n", error.what());
    return 1;
  }
}
