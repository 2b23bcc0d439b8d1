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

// The words of an argument list or an environment, as execve() takes them. The strings stay the
// caller's.
std::vector<char*> words(std::vector<std::string>& of) {
  std::vector<char*> pointers;
  for (auto& word : of) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

// This process's environment with `more`, which wins.
std::vector<std::string> environment_with(const std::map<std::string, std::string>& more) {
  std::vector<std::string> all;
  for (const auto& [name, value] : more) all.push_back(name + "=" + value);
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string own{*entry};
    if (!more.contains(own.substr(0, own.find('=')))) all.push_back(own);
  }
  return all;
}

// The child's part. Between fork() and exec() nothing is allocated: another thread may have held
// the allocator's lock at the fork, and here no thread lives that would give it back (the
// sanitizer's allocator hangs for ever then).
[[noreturn]] void become(char* const* command, char* const* environment, const char* log_path) {
  // The kernel kills the child when the test process dies.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int log = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2(null, 0);
  dup2(log, 1);
  dup2(log, 2);
  // An inherited copy of a socket would keep a connection open after the test has closed it.
  close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  execvpe(command[0], command, environment);
  _exit(127);
}

}  // namespace

Process::Process(std::vector<std::string> command, const std::string& log_path,
                 const std::map<std::string, std::string>& environment) {
  auto entries = environment_with(environment);
  const auto arguments = words(command);
  const auto variables = words(entries);
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error{"fork failed"};
  if (pid_ == 0) become(arguments.data(), variables.data(), log_path.c_str());
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
