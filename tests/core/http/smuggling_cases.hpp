#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace fechatter::http {

// A request whose end two servers can find in different places, with another request hidden where
// the second server looks for it.
struct SmugglingCase {
  std::string name;
  int status = 0;                  // of the refusal
  std::string head;                // to the blank line, or a part of it
  std::vector<std::string> rests;  // behind the head; each is tried
};

void PrintTo(const SmugglingCase& tried, std::ostream* out);

// Defects of the head: two framings, an odd one, or an unclear one.
std::vector<SmugglingCase> encoding_cases();
std::vector<SmugglingCase> length_cases();
std::vector<SmugglingCase> line_cases();
// Defects of the body behind a correct head: chunks, their extensions, trailers, limits.
std::vector<SmugglingCase> chunk_cases();

// Requests that are correct, though some look suspicious: they are served with status 200, and so
// are all requests behind them.
std::vector<SmugglingCase> harmless_cases();

}  // namespace fechatter::http
