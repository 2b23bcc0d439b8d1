#include "fechatter_server/text_fields.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "fechatter_core/text/password.hpp"
#include "fechatter_core/utf8.hpp"

namespace fechatter::server {
Name name_field(http::JsonFields& fields, std::string_view field, std::size_t length_max) {
  if (!fields.has(field)) fields.reject(field, "is required");
  return find_name_field(fields, field, length_max).value_or(Name{});
}

std::optional<Name> find_name_field(http::JsonFields& fields, std::string_view field,
                                    std::size_t length_max) {
  const auto typed = fields.find_text(field, typed_length);
  if (!typed) return std::nullopt;
  auto read = read_name(*typed, length_max);
  if (read.refusal.empty()) return std::move(read.name);
  fields.reject(fields.sent_name(field), read.refusal);
  return std::nullopt;
}

EmailAddress email_field(http::JsonFields& fields, std::string_view field) {
  if (!fields.has(field)) fields.reject(field, "is required");
  return find_email_field(fields, field).value_or(EmailAddress{});
}

std::optional<EmailAddress> find_email_field(http::JsonFields& fields, std::string_view field) {
  const auto typed = fields.find_text(field, {0, 2 * email_bytes_max});
  if (!typed) return std::nullopt;
  auto address = read_email(*typed);
  if (!address) fields.reject(field, "must be an e-mail address such as ann@example.com");
  return address;
}

std::string new_password_field(http::JsonFields& fields, std::string_view field) {
  if (!fields.has(field)) fields.reject(field, "is required");
  const auto typed = fields.find_text(field, {0, typed_password_length_max});
  if (!typed) return {};
  auto password = read_password(*typed).value_or("");
  // Composing lengthens a few characters: U+FB2C becomes three.
  const auto typed_count = count_characters(*typed);
  const auto length = count_characters(password);
  if (password.empty() && !typed->empty()) {
    fields.reject(field, "must have no control, invisible or unassigned characters");
  } else if (std::min(length, typed_count) < password_length_min || length > password_length_max) {
    fields.reject(field, fmt::format("must have {} to {} characters", password_length_min,
                                     password_length_max));
  }
  return password;
}

}  // namespace fechatter::server
