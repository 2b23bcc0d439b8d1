package main

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/anishathalye/porcupine"
)

// A request that was answered, or not (no answers, until the end of time).
func sent(key string, from, until int64, answers ...seen) porcupine.Operation {
	if len(answers) == 0 {
		until = math.MaxInt64
	}
	return porcupine.Operation{Input: appending{key}, Call: from, Return: until,
		Output: appended{answers}}
}

func read(after, from, until int64, messages ...seen) porcupine.Operation {
	return porcupine.Operation{Input: reading{after: after}, Call: from, Return: until,
		Output: messages}
}

func readAll(from, until int64, messages ...seen) porcupine.Operation {
	return porcupine.Operation{Input: reading{whole: true}, Call: from, Return: until,
		Output: messages}
}

func TestHistories(t *testing.T) {
	a, b, c := seen{1, "a"}, seen{2, "b"}, seen{3, "c"}
	cases := []struct {
		name    string
		good    bool
		history []porcupine.Operation
	}{
		{"a correct history", true, []porcupine.Operation{
			sent("a", 1, 2, a), sent("b", 3, 4, b, b), read(0, 2, 5, a, b), readAll(9, 10, a, b)}},
		{"a stream leaves out what was superseded", true, []porcupine.Operation{
			sent("a", 1, 2, a), sent("b", 3, 4, b), read(0, 2, 5, b), readAll(9, 10, a, b)}},
		{"requests at the same time in either order", true, []porcupine.Operation{
			sent("b", 1, 5, b), sent("a", 1, 5, a), readAll(9, 10, a, b)}},
		{"an unknown outcome with its effect", true, []porcupine.Operation{
			sent("a", 1, 2), sent("b", 3, 4, b), readAll(9, 10, a, b)}},
		{"an unknown outcome without", true, []porcupine.Operation{
			sent("x", 1, 2), sent("a", 3, 4, a), readAll(9, 10, a)}},
		{"an unknown outcome later than the next request", true, []porcupine.Operation{
			sent("b", 1, 2), sent("a", 3, 4, a), read(1, 5, 6, b), readAll(9, 10, a, b)}},
		{"a lost append", false, []porcupine.Operation{
			sent("a", 1, 2, a), sent("b", 3, 4, b), readAll(9, 10, a)}},
		{"a lost append in the middle", false, []porcupine.Operation{
			sent("a", 1, 2, a), sent("b", 3, 4, b), sent("c", 5, 6, c),
			readAll(9, 10, a, seen{2, "c"})}},
		{"a doubled append", false, []porcupine.Operation{
			sent("a", 1, 2, a), readAll(9, 10, a, seen{2, "a"})}},
		{"a doubled append by its answers", false, []porcupine.Operation{
			sent("a", 1, 2, a, seen{2, "a"})}},
		{"a message that was never sent", false, []porcupine.Operation{
			sent("a", 1, 2, a), readAll(9, 10, a, b)}},
		{"an answer of another message", false, []porcupine.Operation{
			sent("a", 1, 2, seen{1, "b"})}},
		{"a hole in the numbers", false, []porcupine.Operation{
			sent("a", 1, 2, a), sent("c", 3, 4, c)}},
		{"an order against time", false, []porcupine.Operation{
			sent("b", 1, 2, b), sent("a", 3, 4, a)}},
		{"a misordered read", false, []porcupine.Operation{
			sent("a", 1, 2, a), sent("b", 3, 4, b), read(0, 5, 6, b, a)}},
		{"a read that comes back", false, []porcupine.Operation{
			sent("a", 1, 2, a), sent("b", 3, 4, b), read(1, 5, 6, a)}},
		{"a read with the places changed", false, []porcupine.Operation{
			sent("a", 1, 2, a), sent("b", 3, 4, b),
			read(0, 5, 6, seen{1, "b"}, seen{2, "a"})}},
		{"a read before the request", false, []porcupine.Operation{
			read(0, 1, 2, a), sent("a", 3, 4, a)}},
		{"a message that is seen and then gone", false, []porcupine.Operation{
			sent("a", 1, 2), read(0, 3, 4, a), readAll(9, 10)}},
	}
	for _, one := range cases {
		t.Run(one.name, func(t *testing.T) {
			if good := porcupine.CheckOperations(chatModel, one.history); good != one.good {
				t.Errorf("judged %v", good)
			}
		})
	}
}

// The files of a run: a message of alice's, its delivery and the end.
const (
	sends = `{"person":1,"chat":7,"key":"k1","invoked":10,"completed":20,"outcome":"ok",` +
		`"answers":[[100,1]]}
{"person":1,"chat":7,"key":"k2","invoked":30,"completed":40,"outcome":"fail","answers":[]}
{"person":1,"chat":7,"key":"k3","invoked":50,"completed":60,"outcome":"unknown","answers":[]}
`
	stored = `{"id":100,"chat":7,"seq":1,"sender":1,"key":"k1"}
{"id":102,"chat":7,"seq":2,"sender":2,"key":"5c4ed01e-1"}
`
	streams = `{"subscriber":0,"kind":"connected","at":5,"chat":0,"seq":0,"message":0,"text":""}
{"subscriber":0,"kind":"event","at":25,"chat":7,"seq":1,"message":100,"text":"NewMessage"}
{"subscriber":0,"kind":"event","at":26,"chat":7,"seq":2,"message":102,"text":"NewMessage"}
`
)

func judgeFiles(t *testing.T, sends, stored, streams string, faults ...string) bool {
	folder := t.TempDir()
	for name, text := range map[string]string{"sends.jsonl": sends, "messages.jsonl": stored,
		"subscribers.jsonl": streams, "faults.jsonl": strings.Join(faults, "\n")} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	good, err := judge(folder)
	if err != nil {
		t.Fatal(err)
	}
	return good
}

func TestFiles(t *testing.T) {
	if !judgeFiles(t, sends, stored, streams) {
		t.Error("a correct run is refused")
	}
	refused := `{"id":100,"chat":7,"seq":1,"sender":1,"key":"k2"}` + "\n"
	if judgeFiles(t, sends, refused, "") {
		t.Error("a message that was refused is stored")
	}
	if judgeFiles(t, sends, "", "") {
		t.Error("a lost message passes")
	}
	again := streams + `{"subscriber":0,"kind":"event","at":27,"chat":7,"seq":1,"message":100,` +
		`"text":"NewMessage"}` + "\n"
	if judgeFiles(t, sends, stored, again) {
		t.Error("a delivery twice passes")
	}
	reset := `{"subscriber":0,"kind":"reset","at":26,"chat":0,"seq":0,"message":0,"text":""}` + "\n"
	again = strings.Replace(again, streams, streams+reset, 1)
	if judgeFiles(t, sends, stored, again, `{"kind":"kill"}`) {
		t.Error("a delivery twice behind a Reset passes, and no stream was lost")
	}
	if !judgeFiles(t, sends, stored, again, `{"kind":"store"}`) {
		t.Error("a delivery twice behind a Reset is refused, although the stream was lost")
	}
}
