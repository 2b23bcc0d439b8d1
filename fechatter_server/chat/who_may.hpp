#pragma once

#include <optional>
#include <string_view>

#include "fechatter_core/model/chat.hpp"

// The names of a WhoMay: the same in the API and in SQL.
namespace fechatter::server {

constexpr std::string_view name_of(WhoMay who) {
  return who == WhoMay::admins ? "admins" : "all";
}

constexpr std::optional<WhoMay> find_who_may(std::string_view name) {
  for (const auto who : {WhoMay::all, WhoMay::admins}) {
    if (name == name_of(who)) return who;
  }
  return std::nullopt;
}

}  // namespace fechatter::server
