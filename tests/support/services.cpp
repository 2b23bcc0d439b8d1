#include "tests/support/services.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <stdexcept>

#include "fechatter_core/event/envelope.hpp"
#include "fechatter_core/nats/nats_connection.hpp"
#include "tests/support/places.hpp"

namespace fechatter::test {
namespace {

const std::string services = source_path("deploy/local/services");

const std::string users_of_nats = source_path("deploy/nats/users.conf");

std::string nats_password(const std::string& user) {
  return "secret_of_" + user;
}

nats::Settings program_settings(const std::string& url, const std::string& name,
                                const std::string& part) {
  nats::Settings settings;
  settings.url = url;
  nats::set_program(settings, name, {});
  return nats::named(settings, part);
}

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

// A URL of the test run's PostgreSQL for the application or for the owner, with the name of another
// database.
std::string url_of_database(const std::string& name, const std::string& file = "owner_url") {
  const auto folder = trimmed(read_file(scratch_file()));
  auto url = trimmed(read_file(folder + "/" + file));
  if (url.empty()) {
    throw std::runtime_error{"no PostgreSQL for tests: run them with ./dev test, or ctest"};
  }
  return url.substr(0, url.rfind('/') + 1) + name;
}

std::string end_of(const std::string& text) {
  constexpr std::size_t length_max = 4000;
  return text.substr(text.size() - std::min(text.size(), length_max));
}

// Not by the process alone: its number comes again in a long run, and a database can be left over.
std::string new_database_name() {
  std::random_device random;
  return fmt::format("test_{}_{:08x}", getpid(), random());
}

bool listening(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool connected = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  close(fd);
  return connected;
}

// Reserves the port among all test programs of this machine until this program ends, by binding an
// abstract socket of that name: between finding a free port and listening on it, another test could
// find the same one.
bool reserve(std::uint16_t port) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  const auto text = fmt::format("fechatter-test-port-{}", port);
  text.copy(name.sun_path + 1, sizeof(name.sun_path) - 1);
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + text.size());
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (bind(fd, reinterpret_cast<sockaddr*>(&name), length) == 0) return true;
  close(fd);
  return false;
}

bool is_free_to_bind(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool is_free = bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  close(fd);
  return is_free;
}

}  // namespace

std::uint16_t free_port() {
  // Below the range from which the kernel takes ports for outgoing connections.
  std::random_device random;
  std::uniform_int_distribution<int> ports{20'000, 31'999};
  for (int tries = 0; tries < 1000; ++tries) {
    const auto port = static_cast<std::uint16_t>(ports(random));
    if (reserve(port) && is_free_to_bind(port)) return port;
  }
  throw std::runtime_error{"no free port"};
}

TestDatabase::TestDatabase()
    : name_{new_database_name()},
      url_{url_of_database(name_, "database_url")},
      notify_url_{url_of_database(name_, "notify_database_url")},
      owner_url_{url_of_database(name_)},
      connection_{owner_url_} {
  postgres::Connection admin{url_of_database("postgres")};
  admin.run_script("CREATE DATABASE " + name_ + " TEMPLATE fechatter");
  // The one privilege that a database does not inherit from its template.
  admin.run_script("REVOKE TEMPORARY ON DATABASE " + name_ + " FROM PUBLIC");
}

TestDatabase::~TestDatabase() {
  connection_.close();
  try {
    postgres::Connection admin{url_of_database("postgres")};
    admin.run_script("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
  } catch (const std::exception&) {
    // The whole cluster is removed at the end of the run.
  }
}

pqxx::result TestDatabase::query(const std::string& sql) {
  return connection_.run_script(sql);
}

std::int64_t TestDatabase::number(const std::string& sql) {
  return query(sql)[0][0].as<std::int64_t>();
}

void TestDatabase::add_events(int count) {
  query(
      fmt::format("INSERT INTO outbox (workspace_id, chat_id, type, audience, data)"
                  " SELECT 1, 1 + i % 3, 'NewMessage', '\"chat\"', '{{}}'"
                  " FROM generate_series(1, {}) i",
                  count));
}

PrivatePostgres::PrivatePostgres(const std::string& home, Durability durability)
    : durability_{durability}, port_{free_port()} {
  if (!home.empty()) std::filesystem::create_symlink(home, folder_.path("postgres"));
  start();
}

PrivatePostgres::~PrivatePostgres() {
  try {
    crash();
  } catch (const std::exception&) {
    // It is stopped already.
  }
}

void PrivatePostgres::start() {
  std::vector<std::string> command{services, "start-postgres", folder_.path(),
                                   std::to_string(port_)};
  if (durability_ == Durability::none) command.emplace_back("--fast");
  run(command);
}

void PrivatePostgres::crash() {
  run({services, "stop-postgres", folder_.path(), "--immediate"});
}

void PrivatePostgres::set(const std::string& name, const std::string& value) {
  std::ofstream{folder_.path("postgres/data/postgresql.conf"), std::ios::app}
      << fmt::format("{} = '{}'\n", name, value);
  ::kill(std::stoi(read_file(folder_.path("postgres.pid"))), SIGHUP);
  postgres::Connection connection{owner_url()};
  const auto shown = [&] { return connection.run_script("SHOW " + name)[0][0].as<std::string>(); };
  if (!eventually([&] { return shown() == value; })) {
    throw std::runtime_error{"PostgreSQL does not take " + name};
  }
}

std::string PrivatePostgres::url_in(const std::string& file) const {
  return trimmed(read_file(folder_.path(file)));
}

int cancel_standby_waits(postgres::Connection& connection) {
  return static_cast<int>(connection
                              .run_script("SELECT pg_cancel_backend(pid) FROM pg_stat_activity"
                                          " WHERE wait_event = 'SyncRep'")
                              .size());
}

NatsServer::NatsServer(NatsOptions options) : options_{std::move(options)}, port_{free_port()} {
  if (options_.store.empty()) options_.store = folder_.path("store");
  std::filesystem::copy_file(users_of_nats, folder_.path("users.conf"));
  std::filesystem::create_directory(folder_.path("secret"));
  std::ofstream{folder_.path("secret/passwords.conf")}
      << "admin_password: " << nats_password("admin") << '\n'
      << "server_password: " << nats_password("fechatter_server") << '\n'
      << "notify_password: " << nats_password("notify_server") << '\n';
  if (options_.syncs_always) {
    std::ofstream config{folder_.path("users.conf"), std::ios::app};
    config << "jetstream { sync_interval: always }\n";
  }
  start();
}

void NatsServer::start() {
  process_ = Process{{options_.program, "-c", folder_.path("users.conf"), "-a", "127.0.0.1", "-p",
                      std::to_string(port_), "-js", "-sd", options_.store},
                     folder_.path("nats.log")};
  const bool up = eventually([this] { return !process_.running() || listening(port_); });
  if (!up || !process_.running()) throw std::runtime_error{"nats-server: " + end_of(log())};
}

void NatsServer::kill() {
  process_.signal(SIGKILL);
  process_.wait();
}

void NatsServer::lose_store() {
  std::filesystem::remove_all(options_.store);
}

bool NatsServer::flip_byte(std::uint64_t where) {
  const auto messages =
      fmt::format("{}/jetstream/$G/streams/{}/msgs", options_.store, event::stream_name);
  std::filesystem::path block;
  if (!std::filesystem::exists(messages)) return false;
  for (const auto& entry : std::filesystem::directory_iterator{messages}) {
    if (entry.path().extension() == ".blk" && entry.file_size() > 0) block = entry.path();
  }
  if (block.empty()) return false;
  std::fstream file{block, std::ios::in | std::ios::out | std::ios::binary};
  const auto at = static_cast<std::streamoff>(where % std::filesystem::file_size(block));
  file.seekg(at);
  const auto byte = static_cast<char>(file.get() ^ 1);
  file.seekp(at);
  file.put(byte);
  return file.good();
}

void NatsServer::forget_consumers() const {
  nats::Connection connection{{url(), "test"}};
  const auto ask = [&](const std::string& subject) {
    natsMsg* raw = nullptr;
    nats::check(natsConnection_RequestString(&raw, connection.raw(), subject.c_str(), "", 5000),
                subject);
    const nats::Message reply{raw};
    return nlohmann::json::parse(reply.data());
  };
  const auto names = ask(std::string{"$JS.API.CONSUMER.NAMES."} + event::stream_name);
  for (const auto& name : names.at("consumers")) {
    ask(fmt::format("$JS.API.CONSUMER.DELETE.{}.{}", event::stream_name, name.get<std::string>()));
  }
}

std::string NatsServer::url_of(const std::string& user) const {
  return fmt::format("nats://{}:{}@127.0.0.1:{}", user, nats_password(user), port_);
}

nats::Settings NatsServer::as_server(const std::string& part) const {
  return program_settings(server_url(), "fechatter_server", part);
}

nats::Settings NatsServer::as_notify(const std::string& part) const {
  return program_settings(notify_url(), "notify_server", part);
}

void wait_until_stored(event::EventStream& stream, std::uint64_t stream_seq) {
  const bool stored = eventually([&] { return stream.find_state()->last_seq >= stream_seq; });
  if (!stored) throw std::runtime_error{"the stream has not stored what was published"};
}

}  // namespace fechatter::test
