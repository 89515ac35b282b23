package page

import (
	"bytes"
	"fmt"
	"html/template"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// A Chart is a plot of numbers of several series over the same names: a row for each
// name, a mark in it for each series, on a logarithmic scale. What is not positive has
// no mark.
type Chart struct {
	Title  string
	Unit   string // of the numbers, on the axis
	Names  []string
	Series []Series
}

// Series is one number for each name.
type Series struct {
	Name   string
	Values []float64
}

// looks tell series apart, without colour too; the colours are told from white and from
// black. The sign is the mark in the legend, which stands beside the plot as text.
var looks = []struct {
	mark   vgdraw.GlyphDrawer
	sign   string
	colour uint32
}{
	{vgdraw.CircleGlyph{}, "●", 0x1f77d4}, {vgdraw.SquareGlyph{}, "□", 0xd1495b}, {vgdraw.PyramidGlyph{}, "▲", 0x2a9d5c}, {vgdraw.CrossGlyph{}, "×", 0xb8860b},
	{vgdraw.PlusGlyph{}, "+", 0x8e6bd8}, {vgdraw.BoxGlyph{}, "■", 0x0f9b9b}, {vgdraw.TriangleGlyph{}, "△", 0xc2609a}, {vgdraw.RingGlyph{}, "○", 0x7a8088},
}

func rgb(x uint32) color.Color { return color.NRGBA{uint8(x >> 16), uint8(x >> 8), uint8(x), 255} }

// Legend is what a chart's marks mean.
func (c *Chart) Legend() (list []struct{ Sign, Colour, Name string }) {
	for i, s := range c.Series {
		l := looks[i%len(looks)]
		list = append(list, struct{ Sign, Colour, Name string }{l.sign, fmt.Sprintf("#%06x", l.colour), s.Name})
	}
	return list
}

// SVG draws the chart: without a background, and its text and axes in the colour of the
// text around it.
func (c *Chart) SVG() (template.HTML, error) {
	p := plot.New()
	p.BackgroundColor = color.Transparent
	p.X.Label.Text = c.Unit
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.TickerFunc(powers)
	low, high := math.Inf(1), math.Inf(-1)
	for i, s := range c.Series {
		var points plotter.XYs
		for row, x := range s.Values {
			if x > 0 {
				low, high = min(low, x), max(high, x)
				points = append(points, plotter.XY{X: x, Y: float64(len(c.Names)-1-row) + beside(i, len(c.Series))})
			}
		}
		if len(points) == 0 {
			continue
		}
		dots, err := plotter.NewScatter(points)
		if err != nil {
			return "", err
		}
		dots.GlyphStyle = vgdraw.GlyphStyle{Color: rgb(looks[i%len(looks)].colour), Radius: vg.Points(2.6), Shape: looks[i%len(looks)].mark}
		p.Add(dots)
	}
	if math.IsInf(low, 1) {
		return "", nil
	}
	p.X.Min, p.X.Max = math.Pow(10, math.Floor(math.Log10(low))), math.Pow(10, math.Ceil(math.Log10(high)*1.0001))
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = rgb(0x8a94a3), rgb(0x8a94a3)
	grid.Vertical.Width, grid.Horizontal.Width = vg.Points(.25), vg.Points(.25)
	p.Add(grid)
	names := slices.Clone(c.Names)
	slices.Reverse(names)
	p.NominalY(names...)
	p.Y.Min, p.Y.Max = -0.5, float64(len(names))-0.5

	width, height := vg.Points(420), vg.Points(float64(60+24*len(names)))
	canvas := vgsvg.New(width, height)
	p.Draw(vgdraw.Crop(vgdraw.New(canvas), 0, vg.Points(-14), 0, 0)) // room for the last label
	var b bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return "", err
	}
	_, text, _ := strings.Cut(b.String(), "<svg")
	_, text, _ = strings.Cut(text, ">")
	text = strings.NewReplacer("stroke:#000000", "stroke:currentColor", "font-family:Liberation Serif;", "").Replace(text)
	head := fmt.Sprintf(`<svg role="img" aria-label="%s" viewBox="0 0 %g %g" fill="currentColor" font-family="system-ui, sans-serif">`,
		template.HTMLEscapeString(c.Title), width.Points(), height.Points())
	return template.HTML(head + text), nil
}

// beside is how far a series' marks lie from the middle of their row: marks of equal numbers
// are not to cover each other.
func beside(i, n int) float64 { return 0.13 * (float64(n-1)/2 - float64(i)) }

// powers are the ticks of a logarithmic axis: labels at powers of ten.
func powers(low, high float64) (ticks []plot.Tick) {
	units := []string{"", " k", " M", " G"}
	for e := math.Floor(math.Log10(low)); e <= math.Ceil(math.Log10(high)); e++ {
		for i := 1.0; i < 10; i++ {
			if x := i * math.Pow(10, e); x >= low*.999 && x <= high*1.001 {
				tick := plot.Tick{Value: x}
				if i == 1 {
					k := min(max(int(math.Floor(e/3)), 0), len(units)-1)
					tick.Label = fmt.Sprintf("%g%s", x/math.Pow(1000, float64(k)), units[k])
				}
				ticks = append(ticks, tick)
			}
		}
	}
	return ticks
}
