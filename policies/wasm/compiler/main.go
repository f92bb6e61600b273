//go:build js && wasm

// Command compiler offers OPA's own Rego to WASM compiler to JavaScript as two global functions. It never opens a file or a socket.
package main

import (
	"context"
	"errors"
	"syscall/js"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/bundle"
	"github.com/open-policy-agent/opa/v1/compile"

	"latchkey.example/compiler/checks"
)

var capabilities *ast.Capabilities

// configure(allowedBuiltinsJSON) answers null, or the error's text.
func configure(_ js.Value, args []js.Value) any {
	narrowed, err := checks.Capabilities([]byte(args[0].String()))
	if err != nil {
		return err.Error()
	}
	capabilities = narrowed
	return nil
}

// compileRego(text) answers {wasm: Uint8Array} or {errors: [{code, line, column, message}]}.
func compileRego(_ js.Value, args []js.Value) any {
	if capabilities == nil {
		return map[string]any{"errors": describe(errors.New("configure first"))}
	}
	raw, err := build(args[0].String())
	if err != nil {
		return map[string]any{"errors": describe(err)}
	}
	bytes := js.Global().Get("Uint8Array").New(len(raw))
	js.CopyBytesToJS(bytes, raw)
	return map[string]any{"wasm": bytes}
}

func build(text string) ([]byte, error) {
	module, err := checks.Parse(text, capabilities)
	if err != nil {
		return nil, err
	}
	source := &bundle.Bundle{
		Data:    map[string]any{},
		Modules: []bundle.ModuleFile{{URL: checks.File, Path: checks.File, Raw: []byte(text), Parsed: module}},
	}
	source.SetRegoVersion(ast.RegoV1)
	source.Manifest.Init()
	compiler := compile.New().
		WithRegoVersion(ast.RegoV1).
		WithCapabilities(capabilities).
		WithTarget(compile.TargetWasm).
		WithEntrypoints(checks.Entrypoint).
		WithBundle(source)
	if err := compiler.Build(context.Background()); err != nil {
		return nil, err
	}
	return compiler.Bundle().WasmModules[0].Raw, nil
}

func describe(err error) []any {
	var many ast.Errors
	if !errors.As(err, &many) {
		return []any{map[string]any{"code": "rego_compile_error", "line": 1, "column": 1, "message": err.Error()}}
	}
	rows := make([]any, 0, len(many))
	for _, one := range many {
		line, column := 1, 1
		if one.Location != nil {
			line, column = one.Location.Row, one.Location.Col
		}
		rows = append(rows, map[string]any{"code": one.Code, "line": line, "column": column, "message": one.Message})
	}
	return rows
}

func main() {
	js.Global().Set("latchkeyCompiler", js.ValueOf(map[string]any{
		"configure": js.FuncOf(configure),
		"compile":   js.FuncOf(compileRego),
	}))
	select {}
}
