// Command oracle answers JSON lines {rego, input} with OPA's own evaluator, for the differential test. It is not shipped in the compiler.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	_ "time/tzdata"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"latchkey.example/compiler/checks"
)

const query = "data.latchkey.sharing.decision"

// The longest line: a large document and its input.
const maxLineBytes = 16 << 20

type question struct {
	Rego  string `json:"rego"`
	Input any    `json:"input"`
}

type answer struct {
	Results []any  `json:"results"`
	Error   string `json:"error,omitempty"`
}

type evaluator struct {
	capabilities *ast.Capabilities
	text         string
	prepared     rego.PreparedEvalQuery
}

func (e *evaluator) answer(line []byte) answer {
	var asked question
	if err := json.Unmarshal(line, &asked); err != nil {
		return answer{Error: err.Error()}
	}
	if err := e.prepare(asked.Rego); err != nil {
		return answer{Error: err.Error()}
	}
	set, err := e.prepared.Eval(context.Background(), rego.EvalInput(asked.Input))
	if err != nil {
		return answer{Error: err.Error()}
	}
	results := []any{}
	for _, one := range set {
		results = append(results, one.Expressions[0].Value)
	}
	return answer{Results: results}
}

// prepare keeps the last module, since questions come grouped by document.
func (e *evaluator) prepare(text string) error {
	if text == e.text && text != "" {
		return nil
	}
	module, err := checks.Parse(text, e.capabilities)
	if err != nil {
		return err
	}
	prepared, err := rego.New(rego.Query(query), rego.ParsedModule(module), rego.Capabilities(e.capabilities), rego.SetRegoVersion(ast.RegoV1)).
		PrepareForEval(context.Background())
	if err != nil {
		return err
	}
	e.text, e.prepared = text, prepared
	return nil
}

func run() error {
	if len(os.Args) != 2 {
		return fmt.Errorf("usage: oracle builtins.json < questions.jsonl")
	}
	allowed, err := os.ReadFile(os.Args[1])
	if err != nil {
		return err
	}
	capabilities, err := checks.Capabilities(allowed)
	if err != nil {
		return err
	}
	one := &evaluator{capabilities: capabilities}
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
