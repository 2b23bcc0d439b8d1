#include "fechatter_core/observability/symbols.hpp"

#include <cxxabi.h>
#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <memory>

namespace fechatter::observability {
namespace {

using FreedByMalloc = std::unique_ptr<char, decltype(&std::free)>;

std::string demangled(const char* name) {
  int status = 0;
  const FreedByMalloc text{abi::__cxa_demangle(name, nullptr, nullptr, &status), &std::free};
  return status == 0 && text ? text.get() : name;
}

// The program is the first object.
std::uintptr_t program_offset() {
  std::uintptr_t offset = 0;
  const auto take_first = [](dl_phdr_info* info, std::size_t, void* to) {
    *static_cast<std::uintptr_t*>(to) = info->dlpi_addr;
    return 1;
  };
  dl_iterate_phdr(take_first, &offset);
  return offset;
}

}  // namespace

Symbols::Symbols() {
  const int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  struct stat about {};
  if (fstat(file, &about) == 0 && about.st_size > 0) {
    size_ = static_cast<std::size_t>(about.st_size);
    void* mapped = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file, 0);
    if (mapped != MAP_FAILED) file_ = static_cast<const char*>(mapped);
  }
  close(file);
  read_functions();
}

Symbols::~Symbols() {
  if (file_) munmap(const_cast<char*>(file_), size_);
}

// The kernel has run the file, so that its tables are whole.
void Symbols::read_functions() {
  if (!file_ || size_ < sizeof(ElfW(Ehdr))) return;
  const auto* head = reinterpret_cast<const ElfW(Ehdr)*>(file_);
  if (head->e_shoff == 0 || head->e_shoff + head->e_shnum * sizeof(ElfW(Shdr)) > size_) return;
  const auto* sections = reinterpret_cast<const ElfW(Shdr)*>(file_ + head->e_shoff);
  const auto offset = program_offset();
  for (std::size_t i = 0; i < head->e_shnum; ++i) {
    const auto& table = sections[i];
    if (table.sh_type != SHT_SYMTAB || table.sh_link >= head->e_shnum) continue;
    const char* names = file_ + sections[table.sh_link].sh_offset;
    const auto* symbols = reinterpret_cast<const ElfW(Sym)*>(file_ + table.sh_offset);
    for (std::size_t j = 0; j < table.sh_size / sizeof(ElfW(Sym)); ++j) {
      const auto& symbol = symbols[j];
      if ((symbol.st_info & 0xf) != STT_FUNC || symbol.st_size == 0) continue;
      const auto begin = static_cast<std::uintptr_t>(symbol.st_value) + offset;
      functions_.push_back({begin, begin + symbol.st_size, names + symbol.st_name});
    }
  }
  std::sort(functions_.begin(), functions_.end(),
            [](const Function& a, const Function& b) { return a.begin < b.begin; });
}

const Symbols::Function* Symbols::find(std::uintptr_t address) const {
  const auto behind = std::upper_bound(
      functions_.begin(), functions_.end(), address,
      [](std::uintptr_t wanted, const Function& function) { return wanted < function.begin; });
  if (behind == functions_.begin()) return nullptr;
  const auto& function = *std::prev(behind);
  return address < function.end ? &function : nullptr;
}

std::string Symbols::name_of(std::uintptr_t address) const {
  if (const auto* function = find(address)) return demangled(function->name);
  Dl_info about{};
  const bool known = dladdr(reinterpret_cast<void*>(address), &about) != 0 && about.dli_sname;
  return known ? demangled(about.dli_sname) : "??";
}

}  // namespace fechatter::observability
