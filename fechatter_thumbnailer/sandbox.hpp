#pragma once

// What the kernel gives this process, which decodes pictures of strangers. A fault in a decoder is
// a process that ends, and that could reach nothing before.
namespace fechatter::thumbnailer {

// 512 MiB of addresses, 10 s of processor time, 16 descriptors, no core dump, a low priority (nice
// 5); the first process that the kernel ends when memory is short, and one that ends with its
// parent. Throws std::system_error.
void set_limits();

// From now on all threads may compute, ask for memory and start threads, read what is open already
// and write to standard output; whatever else they ask the kernel for is refused (EPERM): opening
// any file, sockets, processes, signals to others, memory with new code. Nothing ends it. Throws
// std::runtime_error when it cannot be set up. REQUIRES: everything is loaded.
void enter_sandbox();

}  // namespace fechatter::thumbnailer
