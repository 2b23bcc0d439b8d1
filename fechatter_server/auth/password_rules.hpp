#pragma once

#include <string>
#include <string_view>

#include "fechatter_core/error.hpp"
#include "fechatter_core/model/account.hpp"

namespace fechatter::server {

// What strangers can know of a user, and what must not be part of the user's password.
struct PersonalWords {
  std::string_view fullname;
  std::string_view email;
  std::string_view workspace;
};

// The rules for a new password beside its length (text_fields.hpp). Throws a 422 that names
// `field`: password_common, or password_personal for one that contains the full name, the address,
// its local part, the workspace's name, a word of one of these, or the name of this product, as
// text/search_key.hpp folds them, where that has four characters or more. `password` is as
// read_password() makes it. Any thread.
void check_new_password(std::string_view field, std::string_view password,
                        const PersonalWords& personal);

// That of a sign-up, from the field `password`. `invited_to`: the workspace of the invitation.
void check_new_password(const SignUpDraft& draft, std::string_view invited_to);

// password_unchanged (422).
Error password_unchanged(std::string_view field);

}  // namespace fechatter::server
