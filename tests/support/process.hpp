#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace fechatter::test {

// A child process of a test. The destructor kills it.
class Process {
 public:
  Process() = default;
  // `environment` is added to the environment of this process. Output is appended to `log_path`.
  Process(std::vector<std::string> command, const std::string& log_path,
          const std::map<std::string, std::string>& environment = {});
  ~Process();
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;

  void signal(int number) const;
  // Waits for the exit; returns the exit code, or 128 + the signal. Kills the process after
  // `timeout`.
  int wait(std::chrono::seconds timeout = std::chrono::seconds{30});
  bool running();
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = 0;
  int status_ = 0;
};

// Runs a program until it exits and returns its output. Throws when the exit code is not 0.
std::string run(const std::vector<std::string>& command,
                const std::map<std::string, std::string>& environment = {});

// A fresh folder under the system's temporary folder, removed by the destructor.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  std::string path(const std::string& name = {}) const;

 private:
  std::string path_;
};

std::string read_file(const std::string& path);

// Evaluates the condition every 5 ms until it holds; false once the deadline has passed. Tests wait
// in no other way.
template <class F>
bool eventually(F is_so, std::chrono::milliseconds deadline = std::chrono::seconds{15});
void pause_briefly();

template <class F>
bool eventually(F is_so, std::chrono::milliseconds deadline) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  while (!is_so()) {
    if (std::chrono::steady_clock::now() > end) return false;
    pause_briefly();
  }
  return true;
}

}  // namespace fechatter::test
