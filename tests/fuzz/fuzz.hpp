#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

// What the fuzzers share. Each of them asserts what must hold of every input, not only that nothing
// crashes. One thread.
namespace fechatter::fuzz {

// Ends the program with the promise that was broken; libFuzzer then keeps the input.
void require(bool holds, const char* promise);

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Choices that follow from the input's own bytes: the same file always does the same, and corpora
// stay texts that a person can read.
class Choices {
 public:
  explicit Choices(std::string_view input);

  // 0..max, both included.
  std::size_t up_to(std::size_t max);
  // The front of `rest`, cut off: a byte at least, all of it at most. Often short.
  std::string_view cut(std::string_view& rest);

 private:
  std::uint64_t next();

  std::uint64_t state_;
};

}  // namespace fechatter::fuzz
