package stdlib

import (
	"interp/ir"
	"interp/nnrt/tensor"
)

// elementwise are the functions that work on each element by itself. Of a host number they give a
// host number, in float64.
var elementwise = []*ir.OpRow{
	unaryRow(tensor.Exp, &ir.OpRow{Name: "exp", Doc: "e to the power x. x: any shape; result: the same.", Example: "print exp(0.0)\n# 1.0"}),
	unaryRow(tensor.Log, &ir.OpRow{Name: "log", Doc: "The natural logarithm. x: any shape; result: the same.", Example: "print log(1.0)\n# 0.0"}),
	unaryRow(tensor.Sqrt, &ir.OpRow{Name: "sqrt", Doc: "The square root. x: any shape; result: the same.", Example: "print sqrt(9)\n# 3.0"}),
	unaryRow(tensor.Tanh, &ir.OpRow{Name: "tanh", Doc: "The hyperbolic tangent. x: any shape; result: the same.", Example: "print tanh(0.0)\n# 0.0"}),
	unaryRow(tensor.Sigmoid, &ir.OpRow{Name: "sigmoid", Doc: "1 / (1 + exp(-x)). x: any shape; result: the same.", Example: "print sigmoid(0.0)\n# 0.5"}),
	unaryRow(tensor.Relu, &ir.OpRow{Name: "relu", Doc: "x where it is positive, else 0. x: any shape; result: the same.", Example: "print relu([-1.0, 2.0])\n# [2]\n# [0.0000 2.0000]"}),
	unaryRow(tensor.Gelu, &ir.OpRow{Name: "gelu", Doc: "The tanh form of GELU, as GPT-2 has it. x: any shape; result: the same.", Example: "print gelu(0.0)\n# 0.0"}),
	unaryRow(tensor.Sin, &ir.OpRow{Name: "sin", Doc: "The sine of x radians. x: any shape; result: the same.", Example: "print sin(0.0)\n# 0.0"}),
	unaryRow(tensor.Cos, &ir.OpRow{Name: "cos", Doc: "The cosine of x radians. x: any shape; result: the same.", Example: "print cos(0.0)\n# 1.0"}),
	unaryRow(tensor.Sign, &ir.OpRow{Name: "sign", Doc: "-1, 0 or 1. x: any shape; result: the same.", Example: "print sign(-3)\n# -1"}),
	unaryRow(tensor.Floor, &ir.OpRow{Name: "floor", Doc: "The greatest whole number not above x. x: any shape; result: the same.", Example: "print floor(1.5)\n# 1.0"}),
	unaryRow(tensor.Ceil, &ir.OpRow{Name: "ceil", Doc: "The least whole number not below x. x: any shape; result: the same.", Example: "print ceil(1.5)\n# 2.0"}),
	unaryRow(tensor.IsNaN, &ir.OpRow{Name: "isnan", Doc: "Where x is not a number. x: any shape; result: the same, bool.", Example: "print isnan(nan)\n# True"}),
	unaryRow(tensor.IsInf, &ir.OpRow{Name: "isinf", Doc: "Where x is infinite. x: any shape; result: the same, bool.", Example: "print isinf(inf)\n# True"}),
	binaryRow(tensor.Pow, &ir.OpRow{Name: "pow", Doc: "a ** b. a, b: shapes that meet; result: their common shape.", Example: "print pow(2, 3)\n# 8"}),
	binaryRow(tensor.Maximum, &ir.OpRow{Name: "maximum", Doc: "The greater of a and b. a, b: shapes that meet; result: their common shape.", Example: "print maximum([1, 5], 3)\n# [2]\n# [3 5]"}),
	binaryRow(tensor.Minimum, &ir.OpRow{Name: "minimum", Doc: "The lesser of a and b. a, b: shapes that meet; result: their common shape.", Example: "print minimum([1, 5], 3)\n# [2]\n# [1 3]"}),
	whereRow, clampRow,
}
