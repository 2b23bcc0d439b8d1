#pragma once

#include <memory>
#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_set>
#include <vector>

#include "fechatter_core/model/ids.hpp"

namespace fechatter::postgres {

// A named statement: prepared once per connection, at its first use.
struct Statement {
  const char* name;
  const char* sql;
};

// Parameters in PostgreSQL's text form. An absent optional is NULL.
using Parameter = std::optional<std::string>;

inline Parameter to_parameter(std::string text) {
  return text;
}
inline Parameter to_parameter(std::string_view text) {
  return std::string{text};
}
inline Parameter to_parameter(const char* text) {
  return std::string{text};
}
inline Parameter to_parameter(bool value) {
  return value ? "true" : "false";
}
template <class Number>
requires std::is_arithmetic_v<Number> Parameter to_parameter(Number value) {
  return std::to_string(value);
}
template <class Tag>
Parameter to_parameter(Id<Tag> id) {
  return std::to_string(id.value);
}
template <class T>
Parameter to_parameter(const std::optional<T>& value) {
  return value ? to_parameter(*value) : std::nullopt;
}
Parameter to_parameter(const std::vector<std::int64_t>& values);
Parameter to_parameter(const std::vector<std::string>& texts);
template <class Tag>
Parameter to_parameter(const std::vector<Id<Tag>>& ids) {
  std::vector<std::int64_t> values;
  values.reserve(ids.size());
  for (const auto id : ids) values.push_back(id.value);
  return to_parameter(values);
}

// Whether PostgreSQL ended a statement at its statement_timeout.
inline bool is_statement_timeout(const pqxx::sql_error& error) {
  return error.sqlstate() == "57014";  // query_canceled
}

// The role that a connection's URL or keyword string names, or libpq's default without one. Throws
// std::runtime_error for what is neither.
std::string role_of(const std::string& url);

// One connection, used by one thread at a time. Connects at its first statement; a connection that
// the server has closed in the meantime is noticed before it is used, so that a restart of
// PostgreSQL costs no request that comes after it.
class Connection {
 public:
  // `settings` are server parameters for this connection, "-c synchronous_commit=on …"; JIT is off
  // unless they or the URL's own `options` switch it on. Throws std::runtime_error when the URL
  // cannot be read.
  Connection(std::string url, std::string settings = {});
  ~Connection();
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;

  // One statement, one round trip, a transaction of its own. A statement that fails because a
  // migration has changed what it was planned with is prepared again and repeated once, so that an
  // upgrade fails no request. REQUIRES: no open transaction. Throws Error{database_unavailable}
  // when there is no server to talk to, or no standby has confirmed the commit that was to wait for
  // one: whether the statement took effect, and whether that lasts, is then unknown. Throws
  // pqxx::sql_error for what the server refuses.
  template <class... Args>
  pqxx::result run(const Statement& statement, const Args&... args) {
    return execute(statement, {to_parameter(args)...});
  }

  // Any SQL text, several statements too, outside of a transaction block. Same errors.
  pqxx::result run_script(const std::string& sql);

  void close();

  // How often it has connected: another number than before means another server session, and
  // perhaps a server that has lost what was not yet durable.
  int connects() const { return connects_; }

 private:
  struct Session;

  pqxx::result execute(const Statement& statement, const std::vector<Parameter>& parameters);
  pqxx::result execute_prepared(const Statement& statement,
                                const std::vector<Parameter>& parameters);
  pqxx::connection& ready();
  template <class F>
  pqxx::result guarded(F run);

  std::string conninfo_;
  std::unique_ptr<Session> session_;
  std::unordered_set<std::string> prepared_;
  int connects_ = 0;
};

}  // namespace fechatter::postgres
