package interp_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"sync"

	"interp"
)

func Example() {
	model, err := interp.OpenModel(interp.DefaultModel)
	if err != nil {
		log.Fatal(err)
	}
	program, err := interp.Compile("norms.patch", `
		input prompt
		invoke prompt { for layer in range(n_layers) { save size[layer] = norm(transformer.h[layer].output[0, -1]) } }
		print "layers", n_layers == len(size)
	`)
	if err != nil {
		log.Fatal(err)
	}
	results, err := program.Run(context.Background(), interp.Options{
		Model: model, Out: os.Stdout, Inputs: map[string]any{"prompt": "After John and Mary"},
	})
	if err != nil {
		log.Fatal(err)
	}
	v, _ := results.Value("size")
	size := v.(*interp.Array)
	fmt.Println(size.Axes, size.DType(), len(size.Data.([]float32)) == size.Len())
	// Output:
	// layers True
	// [layer] float32 true
}

// What is wrong with a script for a model is found without the model's weights.
func ExampleProgram_Check() {
	model, err := interp.OpenModel(interp.DefaultModel)
	if err != nil {
		log.Fatal(err)
	}
	program, err := interp.Compile("far.patch", `invoke "After John" { save h = transformer.h[99].output }`)
	if err != nil {
		log.Fatal(err)
	}
	report, err := program.Check(model)
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range report.Findings {
		fmt.Println(report.Line(f.Span), f.Code, f.Msg)
	}
	// Output: 1 E0303 layer 99 is out of range: the model has 6 layers
}

// One program and one model serve several goroutines.
func ExampleProgram_Run() {
	program, err := interp.Compile("sum.patch", "input xs\nsave total = sum(xs)")
	if err != nil {
		log.Fatal(err)
	}
	totals := make([]any, 3)
	var group sync.WaitGroup
	for i := range totals {
		group.Go(func() {
			r, err := program.Run(context.Background(), interp.Options{Inputs: map[string]any{"xs": []int{i, 10}}})
			if err != nil {
				log.Fatal(err)
			}
			totals[i], _ = r.Value("total")
		})
	}
	group.Wait()
	fmt.Println(totals...)
	// Output: 10 11 12
}

func ExampleScriptError() {
	_, err := interp.Compile("typo.patch", "invoke \"John\" { save x = transfromer.h[0].output }\nprint x")
	var bad *interp.ScriptError
	if errors.As(err, &bad) {
		for _, f := range bad.Findings {
			line, col := bad.Pos(f.Start)
			fmt.Printf("%s %s at %d:%d: %s\n", f.Sev, f.Code, line, col, f.Msg)
		}
	}
	fmt.Println(err)
	// Output:
	// error E0201 at 1:26: undefined name transfromer
	// typo.patch:1:26: undefined name transfromer
	//     1 | invoke "John" { save x = transfromer.h[0].output }
	//       |                          ^^^^^^^^^^^
	// hint: did you mean transformer?
}
