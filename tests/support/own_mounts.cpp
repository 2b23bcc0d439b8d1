#include "tests/support/own_mounts.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

namespace fechatter::test {

bool has_own_mounts() {
  static const bool has = geteuid() == 0 && unshare(CLONE_NEWNS) == 0 &&
                          mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  return has;
}

}  // namespace fechatter::test
