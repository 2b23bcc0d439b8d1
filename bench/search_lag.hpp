#pragma once

#include <deque>
#include <string>
#include <vector>

#include "bench/history.hpp"
#include "bench/http_streams.hpp"
#include "bench/report.hpp"
#include "bench/stage.hpp"

namespace fechatter::bench {

// Messages of one reader of the history to the chats of this reader.
class MessageSource {
 public:
  MessageSource(const Stage& stage, const People& people, const History& history,
                MessageGenerator& generator, std::size_t reader)
      : port_{stage.server_port()},
        token_{people.token(reader)},
        history_{history},
        generator_{generator},
        chats_{history.chats_of(reader)} {}

  std::uint16_t port() const { return port_; }
  const std::string& token() const { return token_; }
  // The next message, to the next chat, with `word` at its end.
  HttpRequest message(const std::string& word = {});

 private:
  const std::uint16_t port_;
  const std::string token_;
  const History& history_;
  MessageGenerator& generator_;
  const std::vector<std::size_t> chats_;
  std::size_t sent_ = 0;
};

struct LagFigures {
  double rate = 0;
  std::size_t sent = 0;
  std::size_t refused = 0;
  std::size_t never_found = 0;
  Spread answered;  // ms from POST to 201
  Spread found;     // ms from 201 to the first search that finds it
};

// The lag from the 201 of a message until a search finds it. Messages with a unique word each are
// sent at a constant rate; a sample of them is searched for every 5 ms until found, by one search
// at a time, as a newer search of a user ends the one before. One thread.
class SearchLag {
 public:
  explicit SearchLag(MessageSource& source);

  // Sends `rate` messages per second for ten seconds, at least 30, and searches for at most 100 of
  // them.
  LagFigures measure(double rate);

 private:
  struct Sought {
    std::string word;
    Clock::time_point answered = {};
    Clock::time_point due = {};
    bool is_sent = false;
    bool is_found = false;
  };

  void send(bool is_sought);
  void note_sent(std::size_t sender, const Answer& answer);
  void note_asked(const Answer& answer);
  // The message whose search is due first; null: no search is due.
  Sought* due_first();
  // Runs the loop and sends due searches for messages not found yet.
  void serve_until(Clock::time_point end);
  bool all_is_found() const;

  MessageSource& source_;
  EventLoop loop_;
  std::deque<HttpConnection> senders_;
  std::vector<Sought*> sent_by_;  // by sender: its pending message, if that is in the sample
  std::deque<Sought> sought_;
  HttpConnection asker_;
  Sought* asked_ = nullptr;
  std::size_t words_ = 0;
  std::size_t next_sender_ = 0;
  std::size_t refused_ = 0;
  std::vector<double> answered_;
  std::vector<double> found_;
};

}  // namespace fechatter::bench
