#pragma once

#include <string_view>

#include "fechatter_core/observability/counter.hpp"

namespace fechatter::server {

enum class AuthEvent {
  signed_up,
  signed_in,
  sign_in_failed,  // a wrong password, or an unknown address
  refreshed,
  refresh_refused,
  signed_out,
  signed_out_everywhere,
  password_changed,
  password_change_failed,
  count
};

constexpr std::string_view name_of(AuthEvent event) {
  switch (event) {
    case AuthEvent::signed_up: return "signed_up";
    case AuthEvent::signed_in: return "signed_in";
    case AuthEvent::sign_in_failed: return "sign_in_failed";
    case AuthEvent::refreshed: return "refreshed";
    case AuthEvent::refresh_refused: return "refresh_refused";
    case AuthEvent::signed_out: return "signed_out";
    case AuthEvent::signed_out_everywhere: return "signed_out_everywhere";
    case AuthEvent::password_changed: return "password_changed";
    case AuthEvent::password_change_failed: return "password_change_failed";
    case AuthEvent::count: break;
  }
  return {};
}

using AuthCounts = observability::CounterSet<AuthEvent>;

}  // namespace fechatter::server
