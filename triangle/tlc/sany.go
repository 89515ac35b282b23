package tlc

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var (
	reParsingFile = regexp.MustCompile(`^Parsing file (.*)$`)
	reUnexpected  = regexp.MustCompile(`^(?:Encountered .* at|Lexical error at) line (\d+), column (\d+)`)
	reSemantic    = regexp.MustCompile(`^line (\d+), col (\d+) to line \d+, col \d+ of module (\w+)$`)
	reImported    = regexp.MustCompile(`^Cannot find source file for module \w+(?: imported in module (\w+))?\.?$`)
	reHeading     = regexp.MustCompile(`^\*\*\* (Errors|Abort messages|Warnings): \d+$`)
)

func (e SpecError) String() string {
	switch {
	case e.File == "":
		return e.Text
	case e.Line == 0:
		return e.File + ": " + e.Text
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Text)
}

// specErrors finds the errors in what TLA+'s parser prints, which has no codes.
// Syntax errors name a place in the file read last; errors of meaning come in a
// list after a heading; a module that is missing has no place at all.
func specErrors(lines []string) []SpecError {
	var errs []SpecError
	file, section, previous := "", "", ""
	for i, line := range lines {
		line = strings.TrimSpace(line)
		if m := reParsingFile.FindStringSubmatch(line); m != nil {
			file = m[1][strings.LastIndexAny(m[1], `/\`)+1:]
		} else if m := reHeading.FindStringSubmatch(line); m != nil {
			section = m[1]
		} else if m := reUnexpected.FindStringSubmatch(line); m != nil {
			text := line
			if strings.HasPrefix(previous, "Was expecting") {
				text = previous + "; " + line
			}
			errs = append(errs, SpecError{File: file, Line: atoi(m[1]), Column: atoi(m[2]), Text: text})
		} else if m := reSemantic.FindStringSubmatch(line); m != nil && section != "Warnings" {
			errs = append(errs, SpecError{File: m[3] + ".tla", Line: atoi(m[1]), Column: atoi(m[2]), Text: paragraph(lines[i+1:])})
		} else if m := reImported.FindStringSubmatch(line); m != nil {
			e := SpecError{Text: line}
			if m[1] != "" {
				e.File = m[1] + ".tla"
			}
			errs = append(errs, e)
		}
		if line != "" {
			previous = line
		}
	}
	return errs
}

// paragraph is the next block of lines that are not empty.
func paragraph(lines []string) string {
	var block []string
	for _, line := range lines {
		line = strings.TrimSpace(line)
		if line == "" && len(block) > 0 {
			break
		}
		if line != "" {
			block = append(block, line)
		}
	}
	return strings.Join(block, " ")
}

func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
