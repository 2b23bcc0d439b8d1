#include "fechatter_thumbnailer/sandbox.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <vector>

namespace fechatter::thumbnailer {
namespace {

constexpr rlim_t address_bytes_max = rlim_t{512} * 1024 * 1024;
constexpr rlim_t processor_seconds_max = 10;
constexpr rlim_t descriptors_max = 16;
constexpr std::size_t thread_stack_bytes = 2 * 1024 * 1024;
// Sending messages goes first; less would be killed for taking too long while all cores are busy.
constexpr int picture_niceness = 5;

void require_zero(int result, const char* what) {
  if (result != 0) throw std::system_error{errno, std::generic_category(), what};
}

void limit(decltype(RLIMIT_AS) resource, rlim_t value) {
  const rlimit both{value, value};
  require_zero(setrlimit(resource, &both), "setrlimit");
}

// Otherwise each thread reserves 64 MiB of addresses for its heap, and 8 MiB for its stack.
void save_addresses() {
  mallopt(M_ARENA_MAX, 1);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, thread_stack_bytes);
  pthread_setattr_default_np(&attributes);
  pthread_attr_destroy(&attributes);
}

// Where /proc is not mounted it is as likely to be ended as any other.
void offer_to_end_first() {
  const int score = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (score < 0) return;
  [[maybe_unused]] const auto written = write(score, "1000", 4);
  close(score);
}

struct FilterDeleter {
  void operator()(void* filter) const { seccomp_release(filter); }
};

// A filter of system calls: what is not allowed is refused.
class SystemCalls {
 public:
  SystemCalls() : filter_{seccomp_init(SCMP_ACT_ERRNO(EPERM))} {
    if (!filter_) throw std::runtime_error{"seccomp_init"};
  }

  void allow(int call, std::vector<scmp_arg_cmp> conditions = {}) {
    add(SCMP_ACT_ALLOW, call, conditions);
  }
  void allow_all(std::initializer_list<int> calls) {
    for (const int call : calls) allow(call);
  }
  // As if the kernel were too old to have it.
  void hide(int call) { add(SCMP_ACT_ERRNO(ENOSYS), call, {}); }

  void load() {
    // Libraries may have started threads.
    if (seccomp_attr_set(filter_.get(), SCMP_FLTATR_CTL_TSYNC, 1) != 0 ||
        seccomp_load(filter_.get()) != 0) {
      throw std::runtime_error{"the filter of system calls cannot be loaded"};
    }
  }

 private:
  void add(std::uint32_t action, int call, const std::vector<scmp_arg_cmp>& conditions) {
    const auto count = static_cast<unsigned>(conditions.size());
    if (seccomp_rule_add_array(filter_.get(), action, call, count, conditions.data()) != 0) {
      throw std::runtime_error{"seccomp_rule_add"};
    }
  }

  std::unique_ptr<void, FilterDeleter> filter_;
};

scmp_arg_cmp argument_is(unsigned number, scmp_datum_t value) {
  return {number, SCMP_CMP_EQ, value, 0};
}

scmp_arg_cmp argument_has(unsigned number, scmp_datum_t bits) {
  return {number, SCMP_CMP_MASKED_EQ, bits, bits};
}

scmp_arg_cmp argument_lacks(unsigned number, scmp_datum_t bits) {
  return {number, SCMP_CMP_MASKED_EQ, bits, 0};
}

void allow_reading_and_writing(SystemCalls& calls) {
  calls.allow_all({SCMP_SYS(read), SCMP_SYS(pread64), SCMP_SYS(readv), SCMP_SYS(lseek),
                   SCMP_SYS(close), SCMP_SYS(dup), SCMP_SYS(fstat), SCMP_SYS(poll),
                   SCMP_SYS(ppoll)});
  for (const scmp_datum_t output : {STDOUT_FILENO, STDERR_FILENO}) {
    calls.allow(SCMP_SYS(write), {argument_is(0, output)});
    calls.allow(SCMP_SYS(writev), {argument_is(0, output)});
  }
  // What fstat is in the C library. Of a file that has a path it says its size and times, at most.
  calls.allow(SCMP_SYS(newfstatat), {argument_is(3, AT_EMPTY_PATH)});
  for (const scmp_datum_t question : {F_GETFD, F_GETFL, F_DUPFD_CLOEXEC}) {
    calls.allow(SCMP_SYS(fcntl), {argument_is(1, question)});
  }
}

void allow_memory(SystemCalls& calls) {
  calls.allow_all({SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise)});
  calls.allow(SCMP_SYS(mmap), {argument_lacks(2, PROT_EXEC)});
  calls.allow(SCMP_SYS(mprotect), {argument_lacks(2, PROT_EXEC)});
}

void allow_threads(SystemCalls& calls) {
  // clone3 has its flags in memory, where the filter cannot look.
  calls.hide(SCMP_SYS(clone3));
  calls.allow(SCMP_SYS(clone), {argument_has(0, CLONE_THREAD)});
  calls.allow_all({SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(gettid),
                   SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(exit),
                   SCMP_SYS(exit_group), SCMP_SYS(restart_syscall), SCMP_SYS(membarrier)});
  calls.allow(SCMP_SYS(prctl), {argument_is(0, PR_SET_NAME)});
}

void allow_the_rest(SystemCalls& calls) {
  calls.allow_all({SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep),
                   SCMP_SYS(gettimeofday), SCMP_SYS(getrandom), SCMP_SYS(getpid),
                   SCMP_SYS(getrusage), SCMP_SYS(sysinfo), SCMP_SYS(uname), SCMP_SYS(getcpu),
                   SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigreturn),
                   SCMP_SYS(sigaltstack)});
  // abort() ends this process only.
  calls.allow(SCMP_SYS(tgkill), {argument_is(0, static_cast<scmp_datum_t>(getpid()))});
  // Limits are read, and not set.
  calls.allow(SCMP_SYS(prlimit64), {argument_is(0, 0), argument_is(2, 0)});
}

}  // namespace

void set_limits() {
  require_zero(prctl(PR_SET_PDEATHSIG, SIGKILL), "PR_SET_PDEATHSIG");
  offer_to_end_first();
  save_addresses();
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_CPU, processor_seconds_max);
  limit(RLIMIT_AS, address_bytes_max);
  limit(RLIMIT_NOFILE, descriptors_max);
  errno = 0;
  [[maybe_unused]] const int now = nice(picture_niceness);
}

void enter_sandbox() {
  SystemCalls calls;
  allow_reading_and_writing(calls);
  allow_memory(calls);
  allow_threads(calls);
  allow_the_rest(calls);
  calls.load();
}

}  // namespace fechatter::thumbnailer
