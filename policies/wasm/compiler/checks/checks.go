// Package checks says which Rego the compiler takes: one package, no imports, no `with`, only the builtins of the allow-list. It never evaluates.
package checks

import (
	"encoding/json"
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"
)

// Entrypoint is the one decision a module answers.
const Entrypoint = "latchkey/sharing/decision"

// File is the name that errors carry; the text comes from memory.
const File = "policy.rego"

var packagePath = ast.MustParseRef("data.latchkey.sharing")

// Capabilities of OPA narrowed to the named builtins, without any network host. A name that OPA does not know is an error.
func Capabilities(allowed []byte) (*ast.Capabilities, error) {
	var names []string
	if err := json.Unmarshal(allowed, &names); err != nil {
		return nil, fmt.Errorf("the list of allowed builtins: %w", err)
	}
	known := map[string]*ast.Builtin{}
	capabilities := ast.CapabilitiesForThisVersion()
	for _, builtin := range capabilities.Builtins {
		known[builtin.Name] = builtin
	}
	capabilities.Builtins = nil
	for _, name := range names {
		builtin, ok := known[name]
		if !ok {
			return nil, fmt.Errorf("the list of allowed builtins: OPA knows no %q", name)
		}
		capabilities.Builtins = append(capabilities.Builtins, builtin)
	}
	capabilities.AllowNet = []string{}
	return capabilities, nil
}

// Parse reads the text and refuses what this compiler does not take. All refusals come at once, as ast.Errors.
func Parse(text string, capabilities *ast.Capabilities) (*ast.Module, error) {
	options := ast.ParserOptions{Capabilities: capabilities, RegoVersion: ast.RegoV1}
	module, err := ast.ParseModuleWithOpts(File, text, options)
	if err != nil {
		return nil, err
	}
	if module == nil {
		return nil, ast.Errors{ast.NewError(ast.ParseErr, ast.NewLocation(nil, File, 1, 1), "the module is empty")}
	}
	if errs := closed(module); len(errs) > 0 {
		return nil, errs
	}
	return module, nil
}

func closed(module *ast.Module) ast.Errors {
	var errs ast.Errors
	refuse := func(at *ast.Location, format string, values ...any) {
		errs = append(errs, ast.NewError("latchkey_refused", at, format, values...))
	}
	if !module.Package.Path.Equal(packagePath) {
		refuse(module.Package.Location, "the package must be latchkey.sharing")
	}
	for _, imported := range module.Imports {
		refuse(imported.Location, "import is not allowed")
	}
	for _, rule := range module.Rules {
		closedRule(rule, refuse)
	}
	return errs
}

func closedRule(rule *ast.Rule, refuse func(*ast.Location, string, ...any)) {
	ast.WalkExprs(rule, func(expr *ast.Expr) bool {
		if len(expr.With) > 0 {
			refuse(expr.Location, "with is not allowed")
		}
		return false
	})
	ast.WalkRefs(rule, func(ref ast.Ref) bool {
		if ref.HasPrefix(ast.DefaultRootRef) && !ref.HasPrefix(packagePath) {
			refuse(ref[0].Location, "only data.latchkey.sharing may be read")
		}
		return false
	})
}
