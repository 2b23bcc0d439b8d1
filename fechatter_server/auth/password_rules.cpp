#include "fechatter_server/auth/password_rules.hpp"

#include <algorithm>
#include <vector>

#include "fechatter_core/text/normal_form.hpp"
#include "fechatter_core/text/search_key.hpp"
#include "fechatter_core/utf8.hpp"
#include "fechatter_server/auth/common_passwords.hpp"

namespace fechatter::server {
namespace {

constexpr std::size_t part_length_min = 4;  // characters

Error refusal(ErrorCode code, std::string_view field, std::string_view detail) {
  return Error{code,
               std::string{field} + ": " + std::string{detail},
               {{std::string{field}, std::string{detail}}}};
}

std::string without_spaces(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
  return text;
}

// The text without punctuation, and its words.
void add_parts(std::vector<std::string>& parts, std::string_view text) {
  for (const auto& key : name_search_keys(text)) parts.push_back(without_spaces(key));
}

std::vector<std::string> parts_of(const PersonalWords& personal) {
  std::vector<std::string> parts{"fechatter"};
  add_parts(parts, personal.fullname);
  add_parts(parts, personal.workspace);
  add_parts(parts, personal.email.substr(0, personal.email.rfind('@')));
  parts.push_back(without_spaces(search_key(personal.email)));
  return parts;
}

}  // namespace

void check_new_password(std::string_view field, std::string_view password,
                        const PersonalWords& personal) {
  const auto folded = without_spaces(search_key(password));
  const auto parts = parts_of(personal);
  const bool is_personal = std::any_of(parts.begin(), parts.end(), [&](const auto& part) {
    return count_characters(part) >= part_length_min && folded.find(part) != std::string::npos;
  });
  if (is_personal) {
    throw refusal(ErrorCode::password_personal, field,
                  "must not contain your name, your e-mail address or the workspace's name");
  }
  if (is_common_password(case_folded(password))) {
    throw refusal(ErrorCode::password_common, field,
                  "is one of the most common passwords, or nearly one");
  }
}

void check_new_password(const SignUpDraft& draft, std::string_view invited_to) {
  const std::string_view workspace = draft.workspace ? draft.workspace->text : invited_to;
  check_new_password("password", draft.password,
                     {draft.fullname.text, draft.email.text, workspace});
}

Error password_unchanged(std::string_view field) {
  return refusal(ErrorCode::password_unchanged, field, "is the present password");
}

}  // namespace fechatter::server
