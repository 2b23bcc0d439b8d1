#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/indexing_rounds.hpp"

namespace fechatter::bench {

struct IndexFigures {
  double messages_per_second = 0;  // while it is built
  std::size_t words = 0;           // candidates for the correction of typing errors
  double documents_mib = 0;        // table with all indexes
  double words_index_mib = 0;
  double search_words_mib = 0;
  double messages_mib = 0;  // the table of messages, for comparison
};

struct QueryFigures {
  std::size_t chats = 0;  // of the reader
  Spread latency;
  double found_share = 0;  // of the queries
  double meant_share = 0;  // whose first page shows the intended word
};

struct KindFigures {
  std::string name;
  bool forgiving = false;
  std::vector<QueryFigures> readers;
};

struct SearchFigures {
  std::size_t messages = 0;
  unsigned seed = 0;
  IndexFigures index;
  std::vector<KindFigures> kinds;
  std::vector<LagFigures> lags;
  InTurns<SendRound> sending;
  std::size_t refused = 0;  // or messages never found
};

// Prints the tables and the line of JSON.
void report(const SearchFigures& figures);

}  // namespace fechatter::bench
