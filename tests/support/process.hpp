#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace fechatter::test {

// A program that a test has started. Ended, if need be killed, by the destructor.
class Process {
 public:
  Process() = default;
  // `environment` is added to ours. Output goes to `log_path`, appended.
  Process(std::vector<std::string> command, const std::string& log_path,
          const std::map<std::string, std::string>& environment = {});
  ~Process();
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;

  void signal(int number) const;
  // Waits for the end; the exit code, or 128 + the signal. Kills it after `timeout`.
  int wait(std::chrono::seconds timeout = std::chrono::seconds{30});
  bool running();
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = 0;
  int status_ = 0;
};

// Runs a program to its end and returns its output. Throws when it fails.
std::string run(const std::vector<std::string>& command,
                const std::map<std::string, std::string>& environment = {});

// A folder of its own under the system's temporary one, removed by the destructor.
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

// Asks every 5 ms until it is so; false when the deadline has passed. The only way tests wait.
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
