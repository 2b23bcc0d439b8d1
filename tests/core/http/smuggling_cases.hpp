#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace fechatter::http {

// A request whose end two servers might see in different places, with another one hidden where the
// second server would look for it.
struct SmugglingCase {
  std::string name;
  int status = 0;                  // of the answer: the refusal
  std::string head;                // to the blank line, or as much as there is of one
  std::vector<std::string> rests;  // where the hidden request may be, each tried
};

void PrintTo(const SmugglingCase& tried, std::ostream* out);

// About the head: two framings, an odd one, or none that is clear.
std::vector<SmugglingCase> encoding_cases();
std::vector<SmugglingCase> length_cases();
std::vector<SmugglingCase> line_cases();
// About the body behind a head that is fine: chunks, their extensions, trailers, limits.
std::vector<SmugglingCase> chunk_cases();

// Requests that are good, or only look bad: they are served with status 200, and so are all behind
// them.
std::vector<SmugglingCase> harmless_cases();

}  // namespace fechatter::http
