#include "bench/bare_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <vector>

#include "fechatter_core/file/descriptor.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/services.hpp"

namespace fechatter::bench {
namespace {

using file::Descriptor;

// One process, no master: killing it leaves no worker process behind.
constexpr const char* configuration = R"(daemon off;
master_process off;
pid {0}/nginx.pid;
error_log {0}/error.log warn;
events {{ worker_connections 100; }}
http {{
  access_log off;
  client_body_temp_path {0}/body;
  proxy_temp_path {0}/proxy;
  fastcgi_temp_path {0}/fastcgi;
  uwsgi_temp_path {0}/uwsgi;
  scgi_temp_path {0}/scgi;
  sendfile on;
  tcp_nopush on;
  default_type application/octet-stream;
  server {{
    listen 127.0.0.1:{1};
    location /files/ {{ root {2}; }}
  }}
}}
)";

bool answers(std::uint16_t port) {
  try {
    return test::request(port, "GET", "/").status != 0;
  } catch (const std::exception&) {
    return false;
  }
}

Descriptor open_existing(const std::string& path) {
  Descriptor opened{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!opened) fail("open");
  return opened;
}

// Unlike test::run, it waits without polling, and so to the microsecond.
double seconds_of(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (const auto& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  const auto began = Clock::now();
  pid_t process = 0;
  const int error =
      posix_spawnp(&process, arguments.front(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error{command.front() + " does not start"};
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) check_not_stopped();
  if (status != 0) throw std::runtime_error{command.front() + " failed"};
  return std::chrono::duration<double>{Clock::now() - began}.count();
}

}  // namespace

BareFileServer::BareFileServer(const std::string& folder) : port_{test::free_port()} {
  std::ofstream{scratch_.path("nginx.conf")}
      << fmt::format(configuration, scratch_.path(), port_, folder);
  process_ = test::Process{{"nginx", "-e", scratch_.path("error.log"), "-p", scratch_.path(), "-c",
                            scratch_.path("nginx.conf")},
                           scratch_.path("nginx.log")};
  if (!test::eventually([this] { return answers(port_); })) {
    throw std::runtime_error{"nginx: " + test::read_file(scratch_.path("nginx.log"))};
  }
}

bool BareFileServer::is_installed() {
  try {
    test::run({"nginx", "-v"});
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

CopyTimes copy_and_sum(const SourceFile& source, const std::string& path) {
  CopyTimes times;
  times.copy = seconds_of({"cp", source.path(), path});
  const auto began = Clock::now();
  if (fdatasync(open_existing(path).get()) != 0) fail("fdatasync");
  times.sync = std::chrono::duration<double>{Clock::now() - began}.count();
  times.sum = seconds_of({"sha256sum", path});
  if (unlink(path.c_str()) != 0) fail("unlink");
  return times;
}

void evict_from_memory(const std::string& path) {
  if (posix_fadvise(open_existing(path).get(), 0, 0, POSIX_FADV_DONTNEED) != 0) {
    throw std::runtime_error{"posix_fadvise"};
  }
}

void sync_file_system(const std::string& folder) {
  if (syncfs(open_existing(folder).get()) != 0) fail("syncfs");
}

}  // namespace fechatter::bench
