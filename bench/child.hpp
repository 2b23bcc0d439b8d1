#pragma once

#include <sys/mman.h>
#include <sys/types.h>

#include <functional>
#include <new>
#include <system_error>
#include <type_traits>
#include <utility>

namespace fechatter::bench {

// A value in memory shared with the processes that are forked afterwards.
template <class T>
class Shared {
 public:
  static_assert(std::is_trivially_destructible_v<T>);

  Shared()
      : memory_{
            mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)} {
    if (memory_ == MAP_FAILED) throw std::system_error{errno, std::generic_category(), "mmap"};
    value_ = new (memory_) T{};
  }
  ~Shared() { munmap(memory_, sizeof(T)); }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

  T* operator->() const { return value_; }
  T& operator*() const { return *value_; }

 private:
  void* memory_;
  T* value_ = nullptr;
};

// A forked process that runs only `body`. It has its own descriptors, up to the hard limit, and its
// own processor time. The destructor kills it, and so does the kernel when this process dies. An
// exception of `body` is printed.
class Child {
 public:
  explicit Child(const std::function<void()>& body);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
};

}  // namespace fechatter::bench
