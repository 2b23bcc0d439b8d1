#include "fechatter_core/file/jpeg_segment.hpp"

#include "fechatter_core/file/picture_bytes.hpp"

namespace fechatter::file::jpeg {
namespace {

constexpr std::uint32_t huffman_tables = 0xc4;
constexpr std::uint32_t arithmetic_conditions = 0xcc;
constexpr std::uint32_t quantization_tables = 0xdb;
constexpr std::uint32_t number_of_lines = 0xdc;
constexpr std::uint32_t restart_interval = 0xdd;
constexpr std::uint32_t hierarchy = 0xde;
constexpr std::uint32_t expansion = 0xdf;

bool is_frame(std::uint32_t code) {
  constexpr std::uint32_t reserved = 0xc8;
  return code >= 0xc0 && code <= 0xcf && code != huffman_tables && code != reserved &&
         code != arithmetic_conditions;
}

bool are_quantization_tables(std::string_view payload) {
  while (!payload.empty()) {
    const std::size_t value_size = byte_at(payload, 0) >> 4 ? 2 : 1;
    const auto size = 1 + 64 * value_size;
    if (payload.size() < size) return false;
    payload.remove_prefix(size);
  }
  return true;
}

bool are_huffman_tables(std::string_view payload) {
  constexpr std::size_t counts = 16;
  while (!payload.empty()) {
    if (payload.size() < 1 + counts) return false;
    std::size_t size = 1 + counts;
    for (std::size_t i = 1; i <= counts; ++i) size += byte_at(payload, i);
    if (payload.size() < size) return false;
    payload.remove_prefix(size);
  }
  return true;
}

// Pairs of a table's class and number, and its value.
bool are_arithmetic_conditions(std::string_view payload) {
  constexpr std::uint32_t class_and_number = 0x13;
  if (payload.size() % 2 != 0) return false;
  for (std::size_t i = 0; i < payload.size(); i += 2) {
    if ((byte_at(payload, i) & ~class_and_number) != 0) return false;
  }
  return true;
}

bool has_size_of_frame(std::string_view payload) {
  return payload.size() >= 6 && payload.size() == 6 + 3 * byte_at(payload, 5);
}

bool has_size_of_scan(std::string_view payload) {
  return !payload.empty() && payload.size() == 4 + 2 * byte_at(payload, 0);
}

}  // namespace

bool is_structure(std::uint32_t code) {
  return is_frame(code) || code == huffman_tables || code == arithmetic_conditions ||
         (code >= start_of_scan && code <= expansion);
}

bool has_its_size(std::uint32_t code, std::string_view payload) {
  switch (code) {
    case start_of_scan: return has_size_of_scan(payload);
    case huffman_tables: return are_huffman_tables(payload);
    case quantization_tables: return are_quantization_tables(payload);
    case arithmetic_conditions: return are_arithmetic_conditions(payload);
    case number_of_lines:
    case restart_interval: return payload.size() == 2;
    case expansion: return payload.size() == 1;
    case hierarchy:
    default: return has_size_of_frame(payload);
  }
}

}  // namespace fechatter::file::jpeg
