#include "fechatter_core/http/large_answers.hpp"

#include <unistd.h>

namespace fechatter::http {
namespace {

// A tenth of a core when all cores are busy: sending messages goes first.
constexpr int niceness = 10;

}  // namespace

LargeAnswers::LargeAnswers(const LargeAnswerSettings& settings)
    : pool_{{settings.threads, settings.queue_max, "Too many large answers are being made."}, [] {
              // On Linux the calling thread's own; never refused.
              [[maybe_unused]] const int now = nice(niceness);
              return NoContext{};
            }} {}

}  // namespace fechatter::http
