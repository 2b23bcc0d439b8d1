package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/anishathalye/porcupine"
)

// The requests of these keys are of the servers: scheduled messages when their time has come.
const scheduledKey = "5c4ed01e-"

// As many deliveries of a stream, at most, are one reading, and within so many microseconds.
const (
	readingSize = 16
	readingTime = 200_000
)

// Times are microseconds.
type send struct {
	Person    int64
	Chat      int64
	Key       string
	Invoked   int64
	Completed int64
	Outcome   string
	Answers   [][2]int64
}

type message struct {
	ID     int64
	Chat   int64
	Seq    int64
	Sender int64
	Key    string
}

type entry struct {
	Subscriber int64
	Kind       string
	At         int64
	Chat       int64
	Seq        int64
	Message    int64
	Text       string
}

type run struct {
	sends    []send
	messages []message // in the end, by chat and seq
	entries  []entry   // by subscriber
	faults   []fault
}

type fault struct{ Kind string }

// NATS has lost the stream, or a part of it: behind a Reset, what it lost may be delivered again.
func (all run) lostStream() bool {
	for _, one := range all.faults {
		if one.Kind == "store" || one.Kind == "flip" {
			return true
		}
	}
	return false
}

func readLines[T any](path string) ([]T, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var all []T
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var one T
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		all = append(all, one)
	}
	return all, lines.Err()
}

func readRun(folder string) (run, error) {
	var all run
	var err error
	if all.sends, err = readLines[send](filepath.Join(folder, "sends.jsonl")); err != nil {
		return all, err
	}
	if all.messages, err = readLines[message](filepath.Join(folder, "messages.jsonl")); err != nil {
		return all, err
	}
	if all.faults, err = readLines[fault](filepath.Join(folder, "faults.jsonl")); err != nil {
		return all, err
	}
	all.entries, err = readLines[entry](filepath.Join(folder, "subscribers.jsonl"))
	return all, err
}

// A key is of one sender in one chat.
func keyOf(chat, person int64, key string) string {
	return fmt.Sprintf("%d/%d/%s", chat, person, key)
}

// builder makes the operations of each chat out of a run.
type builder struct {
	chats map[int64][]porcupine.Operation
	keys  map[int64]string // by the message's id
	ends  map[string]seen  // by the key, which is of one chat: the message as it is in the end
	begin int64
	end   int64
}

func operationsByChat(all run) map[int64][]porcupine.Operation {
	b := builder{map[int64][]porcupine.Operation{}, map[int64]string{}, map[string]seen{},
		math.MaxInt64, 0}
	for _, one := range all.messages {
		key := keyOf(one.Chat, one.Sender, one.Key)
		b.keys[one.ID] = key
		if _, twice := b.ends[key]; !twice {
			b.ends[key] = seen{one.Seq, key}
		}
	}
	for _, one := range all.sends {
		b.begin = min(b.begin, one.Invoked)
		b.end = max(b.end, one.Completed)
	}
	for _, one := range all.entries {
		b.end = max(b.end, one.At)
	}
	b.addSends(all.sends)
	b.addStreams(all.entries, all.lostStream())
	b.addEnd(all.messages)
	return b.chats
}

func (b *builder) add(chat, client, call, until int64, input, output interface{}) {
	b.chats[chat] = append(b.chats[chat], porcupine.Operation{ClientId: int(client), Input: input,
		Call: call, Output: output, Return: until})
}

// The message of an id; one that is not in the end's history has a key that no request had.
func (b *builder) seen(seq, id int64) seen {
	if key, there := b.keys[id]; there {
		return seen{seq, key}
	}
	return seen{seq, fmt.Sprintf("message %d", id)}
}

func (b *builder) addSends(sends []send) {
	for _, one := range sends {
		input := appending{keyOf(one.Chat, one.Person, one.Key)}
		switch one.Outcome {
		case "ok":
			var answers []seen
			for _, answer := range one.Answers {
				answers = append(answers, b.seen(answer[1], answer[0]))
			}
			b.add(one.Chat, one.Person, one.Invoked, one.Completed, input, appended{answers})
		case "unknown":
			b.addOpen(one.Chat, one.Person, one.Invoked, input)
		}
	}
}

// A request that may have its effect at any time after it. As a list only grows, its message can
// only ever have been at the place where it is in the end; without one it had no effect that any
// reading has seen. So much is said beforehand, because Porcupine would try all places.
func (b *builder) addOpen(chat, person, invoked int64, input appending) {
	if end, there := b.ends[input.key]; there {
		b.add(chat, person, invoked, math.MaxInt64, input, appended{[]seen{end}})
	}
}

// A stream's deliveries of new messages, as readings from what it had in the chat before.
func (b *builder) addStreams(entries []entry, resetsRepeat bool) {
	type place struct{ subscriber, chat int64 }
	newest := map[place]int64{}
	var since int64 // the entry before, of the same connection
	var group []entry
	flush := func() {
		if len(group) == 0 {
			return
		}
		first, last := group[0], group[len(group)-1]
		at := place{first.Subscriber, first.Chat}
		var got []seen
		for _, one := range group {
			got = append(got, b.seen(one.Seq, one.Message))
		}
		b.add(first.Chat, first.Subscriber, since, last.At, reading{after: newest[at]}, got)
		newest[at] = last.Seq
		since = last.At
		group = nil
	}
	for _, one := range entries {
		isNew := one.Kind == "event" && one.Text == "NewMessage"
		joins := len(group) > 0 && isNew && one.Subscriber == group[0].Subscriber &&
			one.Chat == group[0].Chat && len(group) < readingSize &&
			one.At-group[0].At < readingTime
		if !joins {
			flush()
		}
		if one.Kind == "reset" && resetsRepeat {
			for at := range newest {
				if at.subscriber == one.Subscriber {
					delete(newest, at)
				}
			}
		}
		if isNew {
			group = append(group, one)
		} else {
			since = one.At
		}
	}
	flush()
}

// What is there in the end, as one reading after all else; and the requests of the servers, at any
// time, which only it shows.
func (b *builder) addEnd(messages []message) {
	all := map[int64][]seen{}
	for _, one := range messages {
		all[one.Chat] = append(all[one.Chat], b.seen(one.Seq, one.ID))
		if strings.HasPrefix(one.Key, scheduledKey) {
			b.addOpen(one.Chat, one.Sender, b.begin,
				appending{keyOf(one.Chat, one.Sender, one.Key)})
		}
	}
	for chat := range b.chats {
		b.add(chat, 0, b.end+1, b.end+2, reading{whole: true}, all[chat])
	}
}

func min(one, other int64) int64 {
	if one < other {
		return one
	}
	return other
}

func max(one, other int64) int64 {
	if one > other {
		return one
	}
	return other
}
