#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fechatter {

// Members that a JSON line of the log has beside its message. They are added to the lines that this
// thread writes while the object lives; of two, the inner one counts. The text format leaves them
// out: what a person needs is in the message. Belongs to one thread, and to one scope: no coroutine
// waits in it.
class LogFields {
 public:
  LogFields();
  ~LogFields();
  LogFields(const LogFields&) = delete;
  LogFields& operator=(const LogFields&) = delete;

  // `name` is a literal of lower-case letters and underscores. A member is written once.
  LogFields& add(std::string_view name, std::string_view text);
  LogFields& add(std::string_view name, std::int64_t number);
  // With three decimals.
  LogFields& add_number(std::string_view name, double number);

  // Those of this thread, each with a comma before it; empty: there are none.
  static std::string_view current();

 private:
  const LogFields* const outer_;
  std::string members_;
};

// The text as a JSON string in ASCII: foreign text may contain quotes, line breaks, and bytes that
// are not UTF-8, which are replaced.
std::string json_quoted(std::string_view text);

}  // namespace fechatter
