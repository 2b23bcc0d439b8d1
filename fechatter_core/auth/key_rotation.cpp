#include "fechatter_core/auth/key_rotation.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <stdexcept>

#include "fechatter_core/auth/signing_key.hpp"

namespace fechatter::auth {
namespace {

[[noreturn]] void fail_with_errno(const std::string& path) {
  throw std::runtime_error{path + ": " + std::strerror(errno)};
}

class KeyFile {
 public:
  KeyFile(const std::string& path, mode_t mode)
      : path_{path}, fd_{open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)} {
    if (fd_ < 0) fail_with_errno(path_);
  }
  ~KeyFile() { close(fd_); }
  KeyFile(const KeyFile&) = delete;
  KeyFile& operator=(const KeyFile&) = delete;

  // Only root may give a file to another user; then the mode of the file counts.
  void be_like(const struct stat& model) const {
    if (fchmod(fd_, model.st_mode & 07777) != 0) fail_with_errno(path_);
    if (fchown(fd_, model.st_uid, model.st_gid) != 0 && errno != EPERM) fail_with_errno(path_);
  }
  void write_durably(std::string_view text) const {
    while (!text.empty()) {
      const auto written = write(fd_, text.data(), text.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail_with_errno(path_);
      text.remove_prefix(static_cast<std::size_t>(written));
    }
    if (fsync(fd_) != 0) fail_with_errno(path_);
  }

 private:
  const std::string path_;
  const int fd_;
};

// Whole or not at all, like the file `model`, whose place it may take.
void replace_file(const std::string& path, const std::string& model, std::string_view text) {
  struct stat status {};
  if (stat(model.c_str(), &status) != 0) fail_with_errno(model);
  const auto temporary = path + ".new";
  {
    const KeyFile file{temporary, 0600};
    file.be_like(status);
    file.write_durably(text);
  }
  if (std::rename(temporary.c_str(), path.c_str()) != 0) fail_with_errno(path);
}

Timestamp changed_at(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) fail_with_errno(path);
  return from_unix_micros(std::int64_t{status.st_mtim.tv_sec} * 1'000'000 +
                          status.st_mtim.tv_nsec / 1000);
}

std::vector<std::string> fingerprints(const std::vector<Key>& keys) {
  std::vector<std::string> prints;
  for (const auto& key : keys) prints.push_back(fingerprint(key));
  return prints;
}

bool has(const std::vector<std::string>& prints, const std::string& print) {
  return std::find(prints.begin(), prints.end(), print) != prints.end();
}

}  // namespace

KeyRotation::KeyRotation(std::string private_path, std::string public_path)
    : private_path_{std::move(private_path)}, public_path_{std::move(public_path)} {}

KeyState KeyRotation::read() const {
  const auto signing = load_private_key(private_path_);
  const auto own = fingerprints(load_verifying_keys(private_path_));
  KeyState found;
  found.signing = fingerprint(signing);
  found.verifying = fingerprints(load_verifying_keys(public_path_));
  if (!has(found.verifying, found.signing)) {
    throw std::runtime_error{public_path_ + ": does not have the public key of " + private_path_};
  }
  if (std::filesystem::exists(next_path())) {
    found.next = fingerprint(load_private_key(next_path()));
  }
  if (!found.next.empty() && found.next != found.signing) {
    const bool known = has(own, found.next) && has(found.verifying, found.next);
    found.state = known ? RotationState::announced : RotationState::idle;
  } else if (own.size() == 2) {
    found.next.clear();
    found.state = RotationState::switched;
    found.switched_at = changed_at(private_path_);
  }
  return found;
}

KeyState KeyRotation::announce() const {
  if (read().state == RotationState::switched) {
    throw std::runtime_error{"the last rotation is not finished"};
  }
  if (!std::filesystem::exists(next_path())) {
    replace_file(next_path(), private_path_, private_pem(new_private_key()));
  }
  const auto signing = load_private_key(private_path_);
  const auto next = load_private_key(next_path());
  replace_file(public_path_, public_path_, public_pem(signing) + public_pem(next));
  replace_file(private_path_, private_path_, private_pem(signing) + public_pem(next));
  return read();
}

KeyState KeyRotation::switch_over() const {
  const auto before = read();
  if (before.state == RotationState::idle) {
    throw std::runtime_error{"no rotation was announced"};
  }
  if (before.state == RotationState::announced) {
    const auto former = load_private_key(private_path_);
    const auto next = load_private_key(next_path());
    replace_file(private_path_, private_path_, private_pem(next) + public_pem(former));
  }
  std::filesystem::remove(next_path());
  return read();
}

KeyState KeyRotation::finish() const {
  const auto before = read();
  if (before.state == RotationState::announced) {
    throw std::runtime_error{"the rotation was announced; the next step is to switch"};
  }
  const auto signing = load_private_key(private_path_);
  if (before.state == RotationState::switched) {
    replace_file(private_path_, private_path_, private_pem(signing));
  }
  std::filesystem::remove(next_path());
  replace_file(public_path_, public_path_, public_pem(signing));
  return read();
}

}  // namespace fechatter::auth
