#include "fechatter_server/auth/sign_up_fields.hpp"

#include "fechatter_core/text/character.hpp"
#include "fechatter_core/text/graphemes.hpp"
#include "fechatter_server/aliases.hpp"
#include "fechatter_server/text_fields.hpp"

namespace fechatter::server {
namespace {

// Up to `count` code points, without a part of a grapheme cluster.
std::string first_characters(const std::string& text, std::size_t count) {
  std::size_t end = 0;
  for (std::size_t i = 0; i < count && end < text.size(); ++i) next_character(text, end);
  return text.substr(0, Graphemes{text}.border_before(end));
}

}  // namespace

SignUpDraft read_sign_up(http::JsonFields& fields, WorkspaceName workspace) {
  accept_older_names(fields);
  SignUpDraft draft;
  draft.fullname = name_field(fields, "fullname", fullname_length_max);
  draft.email = email_field(fields, "email");
  draft.password = new_password_field(fields, "password");
  draft.invitation = fields.find_text("invitation", {1, 128});
  const bool has_home = fields.has("workspace") || fields.has("invitation");
  if (!has_home && workspace == WorkspaceName::required) fields.reject("workspace", "is required");
  draft.workspace = find_name_field(fields, "workspace", workspace_name_length_max);
  return draft;
}

Name workspace_named_after(const Name& fullname, int number) {
  const auto suffix = number > 1 ? " " + std::to_string(number) : std::string{};
  const auto begin = first_characters(fullname.text, workspace_name_length_max - suffix.size());
  const auto read = read_name(begin, workspace_name_length_max);
  const auto text = read.refusal.empty() ? read.name.text : std::string{"Workspace"};
  return read_name(text + suffix, workspace_name_length_max).name;
}

}  // namespace fechatter::server
