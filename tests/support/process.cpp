#include "tests/support/process.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

namespace fechatter::test {
namespace {

[[noreturn]] void become(const std::vector<std::string>& command, const std::string& log_path,
                         const std::map<std::string, std::string>& environment) {
  // The kernel kills the child when the test process dies.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int log = open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2(null, 0);
  dup2(log, 1);
  dup2(log, 2);
  // An inherited copy of a socket would keep a connection open after the test has closed it.
  close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> arguments;
  for (const auto& part : command) arguments.push_back(const_cast<char*>(part.c_str()));
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  _exit(127);
}

}  // namespace

Process::Process(std::vector<std::string> command, const std::string& log_path,
                 const std::map<std::string, std::string>& environment) {
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error{"fork failed"};
  if (pid_ == 0) become(command, log_path, environment);
}

Process::~Process() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  wait();
}

Process::Process(Process&& other) noexcept
    : pid_{std::exchange(other.pid_, 0)}, status_{other.status_} {}

Process& Process::operator=(Process&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(status_, other.status_);
  return *this;
}

void Process::signal(int number) const {
  if (pid_ > 0) kill(pid_, number);
}

bool Process::running() {
  if (pid_ <= 0) return false;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return true;
  status_ = status;
  pid_ = 0;
  return false;
}

int Process::wait(std::chrono::seconds timeout) {
  const auto id = pid_;
  if (!eventually([this] { return !running(); }, timeout)) {
    kill(id, SIGKILL);
    eventually([this] { return !running(); });
  }
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
}

std::string run(const std::vector<std::string>& command,
                const std::map<std::string, std::string>& environment) {
  const ScratchFolder folder;
  Process process{command, folder.path("output"), environment};
  const auto code = process.wait(std::chrono::seconds{60});
  auto output = read_file(folder.path("output"));
  if (code != 0) throw std::runtime_error{command[0] + " failed: " + output};
  return output;
}

ScratchFolder::ScratchFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "fechatter-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error{"no scratch folder"};
  path_ = name;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string ScratchFolder::path(const std::string& name) const {
  return name.empty() ? path_ : path_ + "/" + name;
}

std::string read_file(const std::string& path) {
  std::ifstream file{path};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void pause_briefly() {
  std::this_thread::sleep_for(std::chrono::milliseconds{5});
}

}  // namespace fechatter::test
