#include "fechatter_core/ending_signals.hpp"

namespace fechatter {

EndingSignals::EndingSignals() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGTERM);
  sigaddset(&signals_, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
}

void EndingSignals::wait() const {
  int signal = 0;
  sigwait(&signals_, &signal);
}

bool EndingSignals::wait_for(std::chrono::seconds time) const {
  const timespec pause{time.count(), 0};
  return sigtimedwait(&signals_, nullptr, &pause) > 0;
}

}  // namespace fechatter
