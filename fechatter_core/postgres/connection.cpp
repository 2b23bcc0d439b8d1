#include "fechatter_core/postgres/connection.hpp"

#include <libpq-fe.h>
#include <poll.h>
#include <spdlog/spdlog.h>

#include "fechatter_core/error.hpp"

namespace fechatter::postgres {
namespace {

// So that a database host which swallows packets costs seconds, not minutes.
constexpr std::pair<const char*, const char*> patience[] = {{"connect_timeout", "3"},
                                                            {"tcp_user_timeout", "5000"}};

// libpq takes a URL or keywords; what the URL does not say itself is added in the same form.
std::string conninfo_of(const std::string& url, const std::string& settings) {
  const bool is_url = url.find("://") != std::string::npos;
  auto conninfo = url;
  const auto add = [&](const std::string& name, const std::string& value) {
    if (url.find(name + "=") != std::string::npos) return;
    if (!is_url) {
      conninfo += " " + name + "='" + value + "'";
      return;
    }
    conninfo += (conninfo.find('?') == std::string::npos ? "?" : "&") + name + "=";
    for (const char c : value) conninfo += c == ' ' ? "%20" : c == '=' ? "%3D" : std::string{c};
  };
  for (const auto& [name, value] : patience) add(name, value);
  if (!settings.empty()) add("options", settings);
  return conninfo;
}

// Classes 08 (connection), 57P (shutdown, crash, starting up) and 53300 (too many connections) mean
// that there is no database to talk to just now; 53100 is a full disk.
bool means_unavailable(const std::string& sqlstate) {
  return sqlstate.starts_with("08") || sqlstate.starts_with("57P") || sqlstate == "53300" ||
         sqlstate == "53100" || sqlstate == "25006";
}

// The definitions that a statement was planned with have changed, or have changed while it ran: a
// cached plan (0A000), or the class of names, types and rights (42), which data cannot cause.
bool means_changed_schema(const std::string& sqlstate) {
  return sqlstate == "0A000" || sqlstate.starts_with("42");
}

Error unavailable() {
  return Error{ErrorCode::database_unavailable,
               "The database cannot be reached; try again shortly."};
}

// An idle connection has nothing to read, unless its server said goodbye.
bool closed_by_server(const pqxx::connection& connection) {
  const int fd = connection.sock();
  if (fd < 0) return true;
  pollfd poll_entry{fd, POLLIN, 0};
  return poll(&poll_entry, 1, 0) != 0;
}

}  // namespace

Parameter to_parameter(const std::vector<std::int64_t>& values) {
  std::string text{"{"};
  for (const auto value : values) {
    if (text.size() > 1) text += ',';
    text += std::to_string(value);
  }
  return text + "}";
}

std::string role_of(const std::string& url) {
  using Options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;
  const auto user_in = [](const Options& options) -> std::string {
    for (const auto* option = options.get(); option && option->keyword; ++option) {
      if (std::string_view{option->keyword} == "user" && option->val) return option->val;
    }
    return {};
  };
  const Options named{PQconninfoParse(url.c_str(), nullptr), &PQconninfoFree};
  // libpq's own message would repeat the text, and with it the password.
  if (!named) throw std::runtime_error{"a database URL cannot be read"};
  const auto role = user_in(named);
  return !role.empty() ? role : user_in(Options{PQconndefaults(), &PQconninfoFree});
}

Connection::Connection(std::string url, std::string settings)
    : conninfo_{conninfo_of(url, settings)} {}

pqxx::connection& Connection::ready() {
  if (connection_ && closed_by_server(*connection_)) close();
  if (!connection_) {
    connection_ = std::make_unique<pqxx::connection>(conninfo_);
    ++connects_;
  }
  return *connection_;
}

void Connection::close() {
  connection_.reset();
  prepared_.clear();
}

template <class F>
pqxx::result Connection::guarded(F run) {
  try {
    return run();
  } catch (const pqxx::broken_connection& error) {
    spdlog::warn("postgres: {}", error.what());
    close();
    throw unavailable();
  } catch (const pqxx::sql_error& error) {
    if (!means_unavailable(error.sqlstate())) throw;
    spdlog::warn("postgres: {} ({})", error.what(), error.sqlstate());
    close();
    throw unavailable();
  }
}

pqxx::result Connection::execute(const Statement& statement,
                                 const std::vector<Parameter>& parameters) {
  return guarded([&] {
    try {
      return execute_prepared(statement, parameters);
    } catch (const pqxx::sql_error& error) {
      if (!means_changed_schema(error.sqlstate())) throw;
      spdlog::info("postgres: {} is prepared again: {}", statement.name, error.what());
    }
    if (prepared_.erase(statement.name) > 0) ready().unprepare(statement.name);
    return execute_prepared(statement, parameters);
  });
}

pqxx::result Connection::execute_prepared(const Statement& statement,
                                          const std::vector<Parameter>& parameters) {
  auto& connection = ready();
  if (!prepared_.contains(statement.name)) {
    connection.prepare(statement.name, statement.sql);
    prepared_.insert(statement.name);
  }
  std::vector<const char*> texts;
  texts.reserve(parameters.size());
  for (const auto& parameter : parameters) {
    texts.push_back(parameter ? parameter->c_str() : nullptr);
  }
  pqxx::nontransaction transaction{connection};
  return transaction.exec_prepared(statement.name, pqxx::prepare::make_dynamic_params(texts));
}

pqxx::result Connection::run_script(const std::string& sql) {
  return guarded([&] {
    pqxx::nontransaction transaction{ready()};
    return transaction.exec(sql);
  });
}

}  // namespace fechatter::postgres
