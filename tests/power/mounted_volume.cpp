#include "tests/power/mounted_volume.hpp"

#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include "tests/power/kernel_calls.hpp"
#include "tests/support/own_mounts.hpp"
#include "tests/support/process.hpp"

namespace fechatter::power {
namespace {

class FuseVolume : public MountedVolume {
 public:
  explicit FuseVolume(std::uint64_t seed) : state_{seed} {}

  bool mount() {
    char name[] = "fechatter-power";
    char option[] = "-oallow_other,default_permissions,fsname=fechatter-power";
    char* words[] = {name, option, nullptr};
    fuse_args arguments = FUSE_ARGS_INIT(2, words);
    const auto& calls = kernel_calls();
    session_ = fuse_session_new(&arguments, &calls, sizeof(calls), &state_);
    fuse_opt_free_args(&arguments);
    if (session_ == nullptr) return false;
    namespace fs = std::filesystem;
    fs::create_directory(path());
    fs::permissions(folder_.path(), fs::perms::others_exec, fs::perm_options::add);
    if (fuse_session_mount(session_, path().c_str()) != 0) return false;
    thread_ = std::thread{[this] { fuse_session_loop(session_); }};
    return true;
  }

  // REQUIRES: this process has none of its files open.
  ~FuseVolume() override {
    if (thread_.joinable()) {
      set_powered(false);
      end_processes();
      fuse_session_unmount(session_);
      thread_.join();
    }
    if (session_ != nullptr) fuse_session_destroy(session_);
  }

  std::string path() const override { return folder_.path("disk"); }

  void sync_all() override {
    const std::lock_guard lock{state_.mutex};
    state_.volume.sync_all();
  }

  void cut_power() override {
    set_powered(false);
    if (!end_processes()) throw std::runtime_error{"a process outlives the cut of its power"};
  }

  void restore_power(std::optional<std::uint64_t> seed) override {
    const std::lock_guard lock{state_.mutex};
    state_.volume.cut(seed);
    state_.powered = true;
  }

 private:
  void set_powered(bool powered) {
    const std::lock_guard lock{state_.mutex};
    state_.powered = powered;
  }

  bool end_processes() const {
    return test::eventually([this] {
      const auto left = processes_below(path());
      for (const auto pid : left) kill(pid, SIGKILL);
      return left.empty();
    });
  }

  test::ScratchFolder folder_;
  Mounted state_;
  fuse_session* session_ = nullptr;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<MountedVolume> MountedVolume::make(std::uint64_t seed) {
  if (access("/dev/fuse", R_OK | W_OK) != 0 || !test::has_own_mounts()) return nullptr;
  auto volume = std::make_unique<FuseVolume>(seed);
  return volume->mount() ? std::move(volume) : nullptr;
}

}  // namespace fechatter::power
