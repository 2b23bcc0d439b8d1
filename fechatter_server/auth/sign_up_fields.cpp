#include "fechatter_server/auth/sign_up_fields.hpp"

#include "fechatter_server/aliases.hpp"
#include "fechatter_server/text_fields.hpp"

namespace fechatter::server {

SignUpDraft read_sign_up(http::JsonFields& fields) {
  accept_older_names(fields);
  SignUpDraft draft;
  draft.fullname = name_field(fields, "fullname", fullname_length_max);
  draft.email = email_field(fields, "email");
  draft.password = new_password_field(fields, "password");
  draft.invitation = fields.find_text("invitation", {1, 128});
  if (!fields.has("workspace") && !fields.has("invitation")) {
    fields.reject("workspace", "is required");
  }
  draft.workspace = find_name_field(fields, "workspace", workspace_name_length_max);
  return draft;
}

}  // namespace fechatter::server
