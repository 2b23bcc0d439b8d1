// The second checker: judges the published histories of runs of the chaos harness by Porcupine.
//
//	porcupine FOLDER...
//
// Each folder has the files of one run (sends, messages, subscribers and faults, each .jsonl). Exit code
// 0: each chat of each run is linearizable; 1: one is not; 2: a run cannot be judged.
package main

import (
	"fmt"
	"os"
	"sort"
	"time"

	"github.com/anishathalye/porcupine"
)

// Of one chat. A history that takes longer is not judged, which is no pass.
const patience = 5 * time.Minute

func judge(folder string) (bool, error) {
	run, err := readRun(folder)
	if err != nil {
		return false, err
	}
	chats := operationsByChat(run)
	if len(chats) == 0 {
		return false, fmt.Errorf("%s: no chat has a history", folder)
	}
	var ids []int64
	for id := range chats {
		ids = append(ids, id)
	}
	sort.Slice(ids, func(i, j int) bool { return ids[i] < ids[j] })
	good := true
	for _, id := range ids {
		began := time.Now()
		result, _ := porcupine.CheckOperationsVerbose(chatModel, chats[id], patience)
		fmt.Printf("%s chat %d: %d operations: %s, %.1f s\n", folder, id, len(chats[id]),
			wordOf(result), time.Since(began).Seconds())
		if result == porcupine.Unknown {
			return false, fmt.Errorf("%s: chat %d was not judged in time", folder, id)
		}
		good = good && result == porcupine.Ok
	}
	return good, nil
}

func wordOf(result porcupine.CheckResult) string {
	switch result {
	case porcupine.Ok:
		return "linearizable"
	case porcupine.Illegal:
		return "NOT LINEARIZABLE"
	}
	return "NOT JUDGED"
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "porcupine FOLDER...")
		os.Exit(2)
	}
	good := true
	for _, folder := range os.Args[1:] {
		one, err := judge(folder)
		if err != nil {
			fmt.Fprintln(os.Stderr, "porcupine:", err)
			os.Exit(2)
		}
		good = good && one
	}
	if !good {
		os.Exit(1)
	}
}
