package docs

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const kernel = "docs/kernel.md"

// A repository has the text of each file, by its path from the root. A file that cites
// nothing (see cites) has no text: there it is something to link to.
type repository map[string]string

// cites reports whether a file of this name is read for citations.
func cites(name string) bool {
	switch path.Ext(name) {
	case ".go", ".tla", ".cfg", ".md", ".txtar", ".txt":
		return name != "docs/citations_test.go" // it has bad ones, to show that they are found
	}
	return false
}

// tally is what was checked.
type tally struct{ sections, numbers, commits, mails, documents, links int }

// a checker goes through a repository.
type checker struct {
	files    repository
	kernel   document
	markdown map[string]document
	tally    tally
	problems []string // file:line: what is missing
}

// A document in Markdown, and what can be cited of it.
type document struct {
	anchors  map[string]bool
	sections map[string]section // by number; of kernel.md only
}

type section struct {
	anchor string
	steps  map[string]bool
}

// check reports what is cited and does not exist.
func check(files repository) ([]string, tally) {
	c := checker{files: files, markdown: map[string]document{}}
	for name, text := range files {
		if path.Ext(name) == ".md" {
			c.markdown[name] = parse(text)
		}
	}
	c.kernel = c.markdown[kernel]
	for name, text := range files {
		if !cites(name) {
			continue
		}
		c.sections(name, text)
		c.numbers(name, text)
		c.sources(name, text)
		c.documents(name, text)
		if path.Ext(name) == ".md" {
			c.links(name, text)
		}
	}
	slices.Sort(c.problems)
	return c.problems, c.tally
}

func (c *checker) problem(name, text string, at int, format string, args ...any) {
	line := 1 + strings.Count(text[:at], "\n")
	c.problems = append(c.problems, fmt.Sprintf("%s:%d: ", name, line)+fmt.Sprintf(format, args...))
}

var (
	heading  = regexp.MustCompile(`^#+ +(.*)$`)
	numbered = regexp.MustCompile(`^(\d+(?:\.\d+)?) `)
	tag      = regexp.MustCompile(`<a id="([^"]+)"></a>`)
	step     = regexp.MustCompile(`^(\d+)\. `)
	notSlug  = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
)

// parse finds the anchors of a document, as GitHub makes them, its numbered sections
// and their steps.
func parse(text string) document {
	d := document{map[string]bool{}, map[string]section{}}
	var in section
	for line := range strings.Lines(blankCode(text)) {
		line = strings.TrimRight(line, "\n")
		for _, m := range tag.FindAllStringSubmatch(line, -1) {
			d.anchors[m[1]] = true
		}
		if m := heading.FindStringSubmatch(line); m != nil {
			title := tag.ReplaceAllString(m[1], "")
			slug := slugOf(title)
			for n := 1; d.anchors[slug]; n++ {
				slug = slugOf(title) + "-" + strconv.Itoa(n)
			}
			d.anchors[slug] = true
			in = section{}
			if n := numbered.FindStringSubmatch(title); n != nil {
				in = section{slug, map[string]bool{}}
				d.sections[n[1]] = in
			}
		}
		if m := step.FindStringSubmatch(line); m != nil && in.steps != nil {
			in.steps[m[1]] = true
		}
	}
	return d
}

func slugOf(title string) string {
	return strings.ReplaceAll(notSlug.ReplaceAllString(strings.ToLower(title), ""), " ", "-")
}

var (
	fence  = regexp.MustCompile("(?ms)^```.*?^```$")
	inline = regexp.MustCompile("`[^`\n]*`")
	leader = regexp.MustCompile(`(?m)^[ \t]*(?://|\(\*|\\\*)|\*\)[ \t]*$`)
)

// blank puts spaces in the place of what matches: positions and lines stay.
func blank(text string, what *regexp.Regexp) string {
	return what.ReplaceAllStringFunc(text, func(s string) string {
		return strings.Map(func(r rune) rune {
			if r == '\n' {
				return r
			}
			return ' '
		}, s)
	})
}

// blankCode leaves out what is between backquotes, but not the names of headings.
func blankCode(text string) string {
	text = blank(text, fence)
	var out strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#") {
			out.WriteString(line)
			continue
		}
		out.WriteString(blank(line, inline))
	}
	return out.String()
}

var (
	cited     = regexp.MustCompile(`\bkernel\.md\b[,;]?\s+`)
	item      = regexp.MustCompile(`^(?:\d{1,2}(?:\.\d+)*|[FMI]\d+[a-z]?)`)
	separator = regexp.MustCompile(`^(?:\s*[,;]\s*(?:and\s+)?|\s+(?:to|and)\s+|-)`)
	atStep    = regexp.MustCompile(`^,?\s+step\s+(\d+)`)
	inWord    = regexp.MustCompile(`^[0-9A-Za-z_]`)
	release   = regexp.MustCompile(`^\d+\.\d+\.`)
)

// sections: what follows "kernel.md", over the ends of lines of a comment, is a list of
// sections, steps and numbers: 1.7, 1.10 step 4, M10a; or 1.5 to 1.11. Numbers are
// checked wherever they stand.
func (c *checker) sections(name, text string) {
	flat := blank(text, leader)
	for _, m := range cited.FindAllStringIndex(flat, -1) {
		for at := m[1]; ; {
			found := item.FindString(flat[at:])
			end := at + len(found)
			if found == "" || inWord.MatchString(flat[end:]) || release.MatchString(found) {
				break
			}
			if found[0] >= '0' && found[0] <= '9' {
				c.tally.sections++
				s, ok := c.kernel.sections[found]
				if !ok {
					c.problem(name, text, at, "%s has no section %s", kernel, found)
				}
				if m := atStep.FindStringSubmatch(flat[end:]); m != nil {
					if ok && !s.steps[m[1]] {
						c.problem(name, text, at, "%s %s has no step %s", kernel, found, m[1])
					}
					end += len(m[0])
				}
			}
			next := separator.FindString(flat[end:])
			if next == "" {
				break
			}
			at = end + len(next)
		}
	}
}

var number = regexp.MustCompile(`\b[FMI]\d+[a-z]?\b`)

// numbers: objections, bugs and invariants, wherever they stand. The file must say
// where they are explained.
func (c *checker) numbers(name, text string) {
	said := strings.Contains(text, "kernel.md")
	for _, m := range number.FindAllStringIndex(text, -1) {
		c.tally.numbers++
		n := text[m[0]:m[1]]
		if !c.kernel.anchors[strings.ToLower(n)] {
			c.problem(name, text, m[0], "%s has no %s", kernel, n)
		} else if !said {
			c.problem(name, text, m[0], "who reads %s here does not know where it is explained: say %s", n, kernel)
			said = true
		}
	}
}

var (
	commit = regexp.MustCompile(`\b[0-9a-f]{12}\b`)
	mail   = regexp.MustCompile(`\b[0-9A-Za-z][0-9A-Za-z._$-]{9,}@[A-Za-z](?:[0-9A-Za-z.-]*[0-9A-Za-z])?\b`)
)

// sources: what a file refers to in the kernel's history and on its lists is explained
// in kernel.md.
func (c *checker) sources(name, text string) {
	if name == kernel {
		return
	}
	for _, m := range commit.FindAllStringIndex(text, -1) {
		id := text[m[0]:m[1]]
		if !strings.ContainsAny(id, "abcdef") || !strings.ContainsAny(id, "0123456789") {
			continue
		}
		c.tally.commits++
		if !strings.Contains(c.files[kernel], id) {
			c.problem(name, text, m[0], "%s does not mention the commit %s", kernel, id)
		}
	}
	for _, m := range mail.FindAllStringIndex(text, -1) {
		id := text[m[0]:m[1]]
		c.tally.mails++
		if !strings.Contains(c.files[kernel], id) {
			c.problem(name, text, m[0], "%s does not mention the mail %s", kernel, id)
		}
	}
}

var upper = regexp.MustCompile(`\b[A-Z][A-Z_-]+\.md\b`)

// documents that are named in capitals exist, in the root or somewhere.
func (c *checker) documents(name, text string) {
	for _, m := range upper.FindAllStringIndex(text, -1) {
		c.tally.documents++
		found := false
		for file := range c.files {
			found = found || path.Base(file) == text[m[0]:m[1]]
		}
		if !found {
			c.problem(name, text, m[0], "there is no document %s", text[m[0]:m[1]])
		}
	}
}

var (
	link     = regexp.MustCompile(`\[([^\]\n]*)\]\(([^)\s]+)\)`)
	linkStep = regexp.MustCompile(`^ step (\d+)`)
)

// links of a document lead to files and anchors; and if the text is the number of a
// section or a bug, to just that.
func (c *checker) links(name, text string) {
	flat := blankCode(text)
	for _, m := range link.FindAllStringSubmatchIndex(flat, -1) {
		label, target := flat[m[2]:m[3]], flat[m[4]:m[5]]
		if strings.Contains(target, "://") {
			continue
		}
		c.tally.links++
		file, anchor, anchored := strings.Cut(target, "#")
		if file == "" {
			file = name
		} else {
			file = path.Join(path.Dir(name), file)
		}
		if !c.exists(file) {
			c.problem(name, text, m[0], "the link to %s leads to no file", target)
			continue
		}
		if anchored && !c.markdown[file].anchors[anchor] {
			c.problem(name, text, m[0], "the link to %s leads to no anchor", target)
			continue
		}
		if file != kernel || item.FindString(label) != label || label == "" {
			continue
		}
		want, s := strings.ToLower(label), c.kernel.sections[label]
		if s.anchor != "" {
			want = s.anchor
		}
		if anchor != want {
			c.problem(name, text, m[0], "the link %s leads to %s and not to %s", label, target, want)
		}
		if n := linkStep.FindStringSubmatch(flat[m[1]:]); n != nil && !s.steps[n[1]] {
			c.problem(name, text, m[0], "%s %s has no step %s", kernel, label, n[1])
		}
	}
}

// exists reports whether there is a file or a folder of this name.
func (c *checker) exists(name string) bool {
	if _, ok := c.files[name]; ok {
		return true
	}
	for file := range c.files {
		if strings.HasPrefix(file, name+"/") {
			return true
		}
	}
	return false
}
