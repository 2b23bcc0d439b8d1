#include "fechatter_core/event/deliveries.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "fechatter_core/whole_number.hpp"

namespace fechatter::event {
namespace {

using nlohmann::json;

std::int64_t positive(const json& value) {
  const auto number = find_whole_number(value);
  if (!number || *number <= 0) throw std::invalid_argument{"a number is out of range"};
  return *number;
}

Delivery read_delivery(const json& entry) {
  constexpr std::int64_t micros_max = 253'402'300'799'999'999;  // the end of the year 9999
  const auto micros = positive(entry.at(3));
  if (micros > micros_max) throw std::invalid_argument{"a time is out of range"};
  return {ChatId{positive(entry.at(0))}, UserId{positive(entry.at(1))}, positive(entry.at(2)),
          from_unix_micros(micros)};
}

}  // namespace

std::string to_text(std::span<const Delivery> deliveries) {
  auto list = json::array();
  for (const auto& one : deliveries) {
    list.push_back({one.chat.value, one.user.value, one.seq, to_unix_micros(one.at)});
  }
  return json{{"version", 1}, {"delivered", std::move(list)}}.dump();
}

std::optional<std::vector<Delivery>> parse_deliveries(std::string_view text) {
  try {
    const auto root = json::parse(text);
    const auto& list = root.at("delivered");
    if (!list.is_array() || list.size() > deliveries_max) return std::nullopt;
    std::vector<Delivery> deliveries;
    deliveries.reserve(list.size());
    for (const auto& entry : list) deliveries.push_back(read_delivery(entry));
    return deliveries;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace fechatter::event
