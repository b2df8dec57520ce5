package draw

import (
	"fmt"
	"image/color"
	"math"
)

type rgb struct{ r, g, b uint8 }

func (c rgb) hex() string      { return fmt.Sprintf("#%02x%02x%02x", c.r, c.g, c.b) }
func (c rgb) rgba() color.RGBA { return color.RGBA{c.r, c.g, c.b, 255} }

// dark says that white text is read better on c than black.
func (c rgb) dark() bool {
	return 0.299*float64(c.r)+0.587*float64(c.g)+0.114*float64(c.b) < 140
}

// redBlue is ColorBrewer's RdBu, as plotly and the tutorials use it: red below zero, white at zero, blue above.
var redBlue = [...]rgb{
	{103, 0, 31}, {178, 24, 43}, {214, 96, 77}, {244, 165, 130}, {253, 219, 199}, {247, 247, 247},
	{209, 229, 240}, {146, 197, 222}, {67, 147, 195}, {33, 102, 172}, {5, 48, 97},
}

var (
	ink     = rgb{32, 33, 36}
	soft    = rgb{110, 114, 120}
	rule    = rgb{222, 224, 228}
	paper   = rgb{255, 255, 255}
	missing = rgb{190, 190, 190} // a number that is none
)

// series are the colours of lines and bars, apart also for most colour-blind readers (Okabe and Ito).
var series = [...]rgb{
	{0, 114, 178}, {213, 94, 0}, {0, 158, 115}, {204, 121, 167}, {230, 159, 0}, {86, 180, 233}, {90, 90, 90},
	{153, 79, 0},
}

func seriesColor(i int) rgb { return series[i%len(series)] }

// diverging is the colour of v on a scale from -most over 0 to most.
func diverging(v, most float64) rgb {
	if math.IsNaN(v) {
		return missing
	}
	if most == 0 {
		most = 1
	}
	at := (math.Max(-1, math.Min(1, v/most)) + 1) / 2 * float64(len(redBlue)-1)
	i := min(int(at), len(redBlue)-2)
	f := at - float64(i)
	a, b := redBlue[i], redBlue[i+1]
	mix := func(x, y uint8) uint8 { return uint8(math.Round(float64(x) + f*(float64(y)-float64(x)))) }
	return rgb{mix(a.r, b.r), mix(a.g, b.g), mix(a.b, b.b)}
}
