#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace fechatter::observability {

// The names of functions by their addresses in this process: those of the program from the symbol
// table of its file, which a stripped program does not have, and the exported ones of its
// libraries. The file is mapped for as long as this object lives, with 24 bytes for each of its
// functions. One thread.
class Symbols {
 public:
  Symbols();
  ~Symbols();
  Symbols(const Symbols&) = delete;
  Symbols& operator=(const Symbols&) = delete;

  // Demangled; "??" for an address without a name.
  std::string name_of(std::uintptr_t address) const;

 private:
  struct Function {
    std::uintptr_t begin;
    std::uintptr_t end;
    const char* name;  // in the file
  };

  void read_functions();
  const Function* find(std::uintptr_t address) const;

  const char* file_ = nullptr;  // null: it could not be read
  std::size_t size_ = 0;
  std::vector<Function> functions_;  // by address
};

}  // namespace fechatter::observability
