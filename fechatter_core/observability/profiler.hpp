#pragma once

#include <atomic>
#include <string>

namespace fechatter::observability {

// Profiles of this process by gperftools, in the format that pprof reads. Its libraries are no part
// of the build: that for the processor (libprofiler) is loaded by the first profile, so that a
// process without one pays nothing; that for the heap (tcmalloc) must be there from the start
// (LD_PRELOAD), since it replaces the allocator. Any thread.
class Profiler {
 public:
  // A profile of all threads that is being taken; its destructor ends it. The profiler outlives it.
  class Run {
   public:
    // Throws overloaded (503) while another one is running, and not_found (404), with the package
    // to install, when there is no library.
    explicit Run(Profiler& profiler);
    ~Run();
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    // Ends it; call once.
    std::string finish();

   private:
    void end();

    Profiler& profiler_;
    int file_ = -1;
    bool running_ = false;
  };

  // The live allocations, as far as tcmalloc samples them (TCMALLOC_SAMPLE_PARAMETER). Throws
  // not_found (404), with what to set, when tcmalloc is not the allocator.
  static std::string heap();

 private:
  std::atomic<bool> running_ = false;
};

}  // namespace fechatter::observability
