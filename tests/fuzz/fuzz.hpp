#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

// Shared by the fuzzers. Each fuzzer asserts properties that hold for every input, beyond the
// absence of crashes. One thread.
namespace fechatter::fuzz {

// Aborts with the violated property; libFuzzer then saves the input.
void require(bool holds, const char* promise);

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Deterministic choices derived from the bytes of the input: a file always reproduces its run, and
// corpora stay readable text.
class Choices {
 public:
  explicit Choices(std::string_view input);

  // A number in 0..max, both inclusive.
  std::size_t up_to(std::size_t max);
  // Cuts a prefix off `rest`: one byte at least, all of it at most, often short.
  std::string_view cut(std::string_view& rest);

 private:
  std::uint64_t next();

  std::uint64_t state_;
};

}  // namespace fechatter::fuzz
