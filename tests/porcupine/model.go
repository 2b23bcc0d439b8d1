package main

import (
	"hash/fnv"

	"github.com/anishathalye/porcupine"
)

// A chat is a list of messages, each named by the key of the request that sent it. A state is its
// newest message, with the list before it; nil is the empty chat. Never changed.
type chat struct {
	before *chat
	length int64
	key    string
	hash   uint64
}

func (newest *chat) size() int64 {
	if newest == nil {
		return 0
	}
	return newest.length
}

func (newest *chat) append(key string) *chat {
	sum := fnv.New64a()
	if newest != nil {
		var before [8]byte
		for i := range before {
			before[i] = byte(newest.hash >> (8 * i))
		}
		sum.Write(before[:])
	}
	sum.Write([]byte(key))
	return &chat{newest, newest.size() + 1, key, sum.Sum64()}
}

// The key at a place from 1 on; empty behind the end.
func (newest *chat) at(seq int64) string {
	if seq < 1 {
		return ""
	}
	for one := newest; one != nil && one.length >= seq; one = one.before {
		if one.length == seq {
			return one.key
		}
	}
	return ""
}

func (newest *chat) equals(other *chat) bool {
	for newest != other {
		if newest == nil || other == nil || newest.length != other.length ||
			newest.hash != other.hash || newest.key != other.key {
			return false
		}
		newest, other = newest.before, other.before
	}
	return true
}

// A message as an answer or a reader saw it.
type seen struct {
	seq int64
	key string
}

// appending is the request for a new message; its output is appended.
type appending struct{ key string }

// The answers, of which there are several when the request was repeated; none: unknown, so that the
// message is there from some moment after the request on, or never.
type appended struct{ answers []seen }

// reading asks for messages after a place; its output is a []seen. A stream gets some of them, in
// their order. A whole reading gets all.
type reading struct {
	after int64
	whole bool
}

func step(state, input, output interface{}) (bool, interface{}) {
	now := state.(*chat)
	switch asked := input.(type) {
	case appending:
		for _, answer := range output.(appended).answers {
			if answer.seq != now.size()+1 || answer.key != asked.key {
				return false, now
			}
		}
		return true, now.append(asked.key)
	case reading:
		return now.shows(asked, output.([]seen)), now
	}
	return false, now
}

func (newest *chat) shows(asked reading, messages []seen) bool {
	if asked.whole && asked.after+int64(len(messages)) != newest.size() {
		return false
	}
	before := asked.after
	for _, message := range messages {
		if message.seq <= before || newest.at(message.seq) != message.key {
			return false
		}
		if asked.whole && message.seq != before+1 {
			return false
		}
		before = message.seq
	}
	return true
}

var chatModel = porcupine.Model{
	Init: func() interface{} { return (*chat)(nil) },
	Step: step,
	Equal: func(one, other interface{}) bool {
		return one.(*chat).equals(other.(*chat))
	},
	Hash: func(state interface{}) uint64 {
		if now := state.(*chat); now != nil {
			return now.hash
		}
		return 0
	},
}
