// Command bundle-oracle loads bundles as OPA itself does and answers JSON lines {bundle, input}, for the test of `latchkey policy build`. It is not shipped in the compiler.
package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	_ "time/tzdata"

	"github.com/open-policy-agent/opa/v1/bundle"
	"github.com/open-policy-agent/opa/v1/rego"
)

const query = "data.latchkey.sharing.decision"

// The longest line: an input and the name of a file.
const maxLineBytes = 1 << 20

type question struct {
	Bundle string `json:"bundle"`
	// Absent: tell what the bundle holds.
	Input any `json:"input"`
}

type module struct {
	Entrypoints []string `json:"entrypoints"`
	Digest      string   `json:"digest"`
}

type answer struct {
	Results     []any    `json:"results,omitempty"`
	Revision    string   `json:"revision,omitempty"`
	Roots       []string `json:"roots,omitempty"`
	RegoVersion int      `json:"rego_version,omitempty"`
	Rego        []string `json:"rego,omitempty"`
	Modules     []module `json:"modules,omitempty"`
	Error       string   `json:"error,omitempty"`
}

func describe(file string) (answer, error) {
	reader, err := os.Open(file)
	if err != nil {
		return answer{}, err
	}
	defer reader.Close()
	loaded, err := bundle.NewReader(reader).Read()
	if err != nil {
		return answer{}, err
	}
	told := answer{Revision: loaded.Manifest.Revision, Roots: *loaded.Manifest.Roots}
	if loaded.Manifest.RegoVersion != nil {
		told.RegoVersion = *loaded.Manifest.RegoVersion
	}
	for _, one := range loaded.Modules {
		told.Rego = append(told.Rego, one.Path)
	}
	for _, one := range loaded.WasmModules {
		digest := sha256.Sum256(one.Raw)
		entry := module{Digest: base64.RawURLEncoding.EncodeToString(digest[:])}
		for _, entrypoint := range one.Entrypoints {
			entry.Entrypoints = append(entry.Entrypoints, entrypoint.String())
		}
		told.Modules = append(told.Modules, entry)
	}
	return told, nil
}

type evaluator struct {
	file     string
	prepared rego.PreparedEvalQuery
}

// decide keeps the last bundle, since questions come grouped by it.
func (e *evaluator) decide(asked question) (answer, error) {
	ctx := context.Background()
	if e.file != asked.Bundle {
		prepared, err := rego.New(rego.Query(query), rego.LoadBundle(asked.Bundle)).PrepareForEval(ctx)
		if err != nil {
			return answer{}, err
		}
		e.file, e.prepared = asked.Bundle, prepared
	}
	set, err := e.prepared.Eval(ctx, rego.EvalInput(asked.Input))
	if err != nil {
		return answer{}, err
	}
	results := []any{}
	for _, one := range set {
		results = append(results, one.Expressions[0].Value)
	}
	return answer{Results: results}, nil
}

func (e *evaluator) answer(line []byte) answer {
	var asked question
	err := json.Unmarshal(line, &asked)
	var told answer
	switch {
	case err != nil:
	case asked.Input == nil:
		told, err = describe(asked.Bundle)
	default:
		told, err = e.decide(asked)
	}
	if err != nil {
		return answer{Error: err.Error()}
	}
	return told
}

func run() error {
	one := &evaluator{}
	out := json.NewEncoder(os.Stdout)
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 0, 1<<16), maxLineBytes)
	for lines.Scan() {
		if err := out.Encode(one.answer(lines.Bytes())); err != nil {
			return err
		}
	}
	return lines.Err()
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
