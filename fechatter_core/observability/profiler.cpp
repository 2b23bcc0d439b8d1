#include "fechatter_core/observability/profiler.hpp"

#include <dlfcn.h>
#include <gperftools/malloc_extension.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fechatter_core/error.hpp"

namespace fechatter::observability {
namespace {

using Start = int (*)(const char* file);
using Stop = void (*)();

// The functions of libprofiler. Loaded once and never unloaded: its handler of SIGPROF may still be
// called.
struct ProfilerLibrary {
  Start start = nullptr;
  Stop stop = nullptr;
};

const ProfilerLibrary& profiler_library() {
  static const ProfilerLibrary library = [] {
    ProfilerLibrary found;
    void* handle = dlopen("libprofiler.so.0", RTLD_NOW);
    if (!handle) return found;
    found.start = reinterpret_cast<Start>(dlsym(handle, "ProfilerStart"));
    found.stop = reinterpret_cast<Stop>(dlsym(handle, "ProfilerStop"));
    return found;
  }();
  return library;
}

std::string read_from_start(int file) {
  std::string bytes;
  char piece[65'536];
  for (off_t at = 0;;) {
    const auto count = pread(file, piece, sizeof piece, at);
    if (count <= 0) return bytes;
    bytes.append(piece, static_cast<std::size_t>(count));
    at += count;
  }
}

}  // namespace

// The library writes to a file by name, so it gets that of one in memory.
Profiler::Run::Run(Profiler& profiler) : profiler_{profiler} {
  const auto& library = profiler_library();
  if (!library.start || !library.stop) {
    throw Error{ErrorCode::not_found, "There is no libprofiler.so.0 (libgoogle-perftools)."};
  }
  if (profiler_.running_.exchange(true)) {
    throw Error{ErrorCode::overloaded, "Another profile is being taken."};
  }
  running_ = true;
  file_ = memfd_create("profile", MFD_CLOEXEC);
  const auto name = "/proc/self/fd/" + std::to_string(file_);
  if (file_ >= 0 && library.start(name.c_str()) != 0) return;
  if (file_ >= 0) close(file_);
  profiler_.running_ = false;
  throw Error{ErrorCode::internal, "the profile could not be started"};
}

Profiler::Run::~Run() {
  end();
  if (file_ >= 0) close(file_);
}

std::string Profiler::Run::finish() {
  end();
  return read_from_start(file_);
}

void Profiler::Run::end() {
  if (!running_) return;
  profiler_library().stop();
  running_ = false;
  profiler_.running_ = false;
}

// Only the header of tcmalloc is needed: the object comes from the preloaded library, if there is
// one. The sanitizer's check of the type would need the library.
__attribute__((no_sanitize("vptr"))) std::string Profiler::heap() {
  using Instance = MallocExtension* (*)();
  const auto instance =
      reinterpret_cast<Instance>(dlsym(RTLD_DEFAULT, "_ZN15MallocExtension8instanceEv"));
  if (!instance) {
    throw Error{ErrorCode::not_found,
                "The allocator takes no samples: start the server with LD_PRELOAD=libtcmalloc.so.4 "
                "and TCMALLOC_SAMPLE_PARAMETER=524288 (libgoogle-perftools)."};
  }
  std::string sample;
  instance()->GetHeapSample(&sample);
  return sample;
}

}  // namespace fechatter::observability
