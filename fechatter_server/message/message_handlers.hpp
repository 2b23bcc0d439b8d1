#pragma once

#include "fechatter_core/http/json_fields.hpp"
#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/response.hpp"
#include "fechatter_core/model/message.hpp"

namespace fechatter::server {

class App;

// The fields of a message to send, and its Idempotency-Key; errors go to `fields`.
MessageDraft read_draft(const http::Request& request, http::JsonFields& fields);

awaitable<http::Response> send_message(const http::Request& request, App& app);
awaitable<http::Response> get_message(const http::Request& request, App& app);
awaitable<http::Response> list_messages(const http::Request& request, App& app);
// Of the message in the path and those next to it.
awaitable<http::Response> list_message_context(const http::Request& request, App& app);
awaitable<http::Response> edit_message(const http::Request& request, App& app);
awaitable<http::Response> delete_message(const http::Request& request, App& app);

}  // namespace fechatter::server
