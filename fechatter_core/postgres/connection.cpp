#include "fechatter_core/postgres/connection.hpp"

#include <libpq-fe.h>
#include <poll.h>
#include <spdlog/spdlog.h>

#include <map>

#include "fechatter_core/error.hpp"

namespace fechatter::postgres {
namespace {

// A database host that swallows packets costs seconds, not minutes; also one that has taken a
// statement and then died: without keepalives its answer would be awaited for two hours.
constexpr std::pair<const char*, const char*> timeouts[] = {{"connect_timeout", "3"},
                                                            {"tcp_user_timeout", "5000"},
                                                            {"keepalives_idle", "2"},
                                                            {"keepalives_interval", "1"},
                                                            {"keepalives_count", "3"}};
// In the verbose form of a message, the function of PostgreSQL that waits for a standby after the
// commit. The message itself is in the server's language.
constexpr std::string_view standby_wait = "SyncRepWaitForLSN";
// Our statements are short, and the plans that functions force by enable_seqscan=off and the like
// have costs of 1e10 on paper: with JIT, PostgreSQL would compile each of their executions, which
// takes 40 to 100 ms.
constexpr const char* own_options = "-c jit=off";

using ConninfoOptions = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

// libpq takes a URL or keywords.
ConninfoOptions parse_conninfo(const std::string& url) {
  ConninfoOptions options{PQconninfoParse(url.c_str(), nullptr), &PQconninfoFree};
  // libpq's own message would repeat the text, and with it the password.
  if (!options) throw std::runtime_error{"a database URL cannot be read"};
  return options;
}

std::string quoted(const std::string& value) {
  std::string text{"'"};
  for (const char c : value) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  return text + "'";
}

// As keywords: what the URL says, time limits unless it has its own, and the server parameters:
// ours, those of the caller, and, with the last word, those of the URL.
std::string conninfo_of(const std::string& url, const std::string& settings) {
  std::map<std::string, std::string> values{std::begin(timeouts), std::end(timeouts)};
  auto parameters = std::string{own_options};
  if (!settings.empty()) parameters += " " + settings;
  const auto parsed = parse_conninfo(url);
  for (const auto* option = parsed.get(); option->keyword; ++option) {
    if (option->val == nullptr) continue;
    if (std::string_view{option->keyword} == "options") {
      parameters += " " + std::string{option->val};
    } else {
      values[option->keyword] = option->val;
    }
  }
  values["options"] = parameters;
  std::string conninfo;
  for (const auto& [name, value] : values) conninfo += name + "=" + quoted(value) + " ";
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

// The definitions can change once more while the second execution waits for their locks.
constexpr int executions_max = 3;

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

// Versions of libpqxx spell things differently: Debian 12 has 6.4, Ubuntu 24.04 has 7.8, Debian 13
// has 7.10.
#if PQXX_VERSION_MAJOR > 7 || (PQXX_VERSION_MAJOR == 7 && PQXX_VERSION_MINOR >= 10)
#define HAS_NOTICE_HANDLER 1
#else
#define HAS_NOTICE_HANDLER 0
#endif
#if PQXX_VERSION_MAJOR >= 7
constexpr auto verbose = pqxx::error_verbosity::verbose;
#else
constexpr auto verbose = pqxx::connection_base::verbose;
#endif

// One call in three spellings.
pqxx::result run_prepared(pqxx::transaction_base& transaction, const std::string& name,
                          const std::vector<Parameter>& parameters) {
#if PQXX_VERSION_MAJOR >= 7
  pqxx::params values;
  for (const auto& parameter : parameters) {
    if (parameter) {
      values.append(pqxx::zview{*parameter});
    } else {
      values.append();
    }
  }
#if HAS_NOTICE_HANDLER
  return transaction.exec(pqxx::prepped{name}, values);
#else
  return transaction.exec_prepared(name, values);
#endif
#else
  std::vector<const char*> values;
  values.reserve(parameters.size());
  for (const auto& parameter : parameters) {
    values.push_back(parameter ? parameter->c_str() : nullptr);
  }
  return transaction.exec_prepared(name, pqxx::prepare::make_dynamic_params(values));
#endif
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

Parameter to_parameter(const std::vector<std::string>& texts) {
  std::string array{"{"};
  for (const auto& text : texts) {
    if (array.size() > 1) array += ',';
    array += '"';
    for (const char c : text) {
      if (c == '"' || c == '\\') array += '\\';
      array += c;
    }
    array += '"';
  }
  return array + "}";
}

std::string role_of(const std::string& url) {
  const auto user_in = [](const ConninfoOptions& options) -> std::string {
    for (const auto* option = options.get(); option && option->keyword; ++option) {
      if (std::string_view{option->keyword} == "user" && option->val) return option->val;
    }
    return {};
  };
  const auto role = user_in(parse_conninfo(url));
  return !role.empty() ? role : user_in(ConninfoOptions{PQconndefaults(), &PQconninfoFree});
}

// What PostgreSQL says beside its answers. It answers a commit that waited in vain for a standby
// (cancelled, or at the end of the session) as a success, with a warning.
struct Connection::Session {
  explicit Session(const std::string& conninfo) : connection{conninfo} {
    connection.set_verbosity(verbose);
#if HAS_NOTICE_HANDLER
    connection.set_notice_handler([this](pqxx::zview text) noexcept { note(text); });
#endif
  }

  void note(std::string_view text) noexcept {
    if (text.find(standby_wait) != std::string_view::npos) not_replicated = true;
  }

  pqxx::connection connection;
  bool not_replicated = false;  // said since the statement began

#if !HAS_NOTICE_HANDLER
  struct Notices : pqxx::errorhandler {
    explicit Notices(Session& of) : errorhandler{of.connection}, session{of} {}
    bool operator()(const char* text) noexcept override {
      session.note(text);
      return true;
    }
    Session& session;
  };
  Notices notices{*this};
#endif
};

Connection::Connection(std::string url, std::string settings)
    : conninfo_{conninfo_of(url, settings)} {}
Connection::~Connection() = default;
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;

pqxx::connection& Connection::ready() {
  if (session_ && closed_by_server(session_->connection)) close();
  if (!session_) {
    session_ = std::make_unique<Session>(conninfo_);
    ++connects_;
  }
  return session_->connection;
}

void Connection::close() {
  session_.reset();
  prepared_.clear();
}

template <class F>
pqxx::result Connection::guarded(F run) {
  if (session_) session_->not_replicated = false;
  try {
    auto result = run();
    if (!session_->not_replicated) return result;
    spdlog::warn("postgres: committed, but not confirmed by a standby: the outcome is unknown");
    throw unavailable();
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
    for (int executions = 1;; ++executions) {
      try {
        return execute_prepared(statement, parameters);
      } catch (const pqxx::sql_error& error) {
        if (executions == executions_max || !means_changed_schema(error.sqlstate())) throw;
        spdlog::info("postgres: {} is prepared again: {}", statement.name, error.what());
      }
      if (prepared_.erase(statement.name) > 0) ready().unprepare(statement.name);
    }
  });
}

pqxx::result Connection::execute_prepared(const Statement& statement,
                                          const std::vector<Parameter>& parameters) {
  auto& connection = ready();
  if (!prepared_.contains(statement.name)) {
    connection.prepare(statement.name, statement.sql);
    prepared_.insert(statement.name);
  }
  pqxx::nontransaction transaction{connection};
  return run_prepared(transaction, statement.name, parameters);
}

pqxx::result Connection::run_script(const std::string& sql) {
  return guarded([&] {
    pqxx::nontransaction transaction{ready()};
    return transaction.exec(sql);
  });
}

}  // namespace fechatter::postgres
