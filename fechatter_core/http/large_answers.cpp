#include "fechatter_core/http/large_answers.hpp"

#include <unistd.h>

namespace fechatter::http {
namespace {

// A tenth of a core when all cores are busy: sending messages goes first.
constexpr int niceness = 10;

}  // namespace

LargeAnswers::LargeAnswers(const LargeAnswerSettings& settings)
    : pool_{{settings.threads, settings.queue_max, "Too many large answers are being made."}, [] {
              nice(niceness);  // on Linux the calling thread's own; never refused
              return NoContext{};
            }} {}

}  // namespace fechatter::http
