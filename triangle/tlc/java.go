package tlc

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/rootlock/rootlock/internal/process"
	"github.com/rootlock/rootlock/internal/quote"
)

// oldestJava is the oldest release that TLC 1.7 supports.
const oldestJava = 11

// askLimit is how long Java may take to say its version.
var askLimit = 10 * time.Second

// maxSaid is how much is kept of what a program says of itself: its beginning.
const maxSaid = 64 << 10

const javaRemedy = "install Java 11 or newer and put it on PATH, or set JAVA_HOME"

// findJava asks every candidate for its version and takes the first that is new
// enough, so that an old JAVA_HOME does not hide a good java on PATH.
func (f Finder) findJava(ctx context.Context) (path, version string, err error) {
	var candidates []string
	if home := f.getenv("JAVA_HOME"); home != "" {
		name := "java"
		if runtime.GOOS == "windows" {
			name = "java.exe"
		}
		candidates = append(candidates, filepath.Join(home, "bin", name))
	}
	if onPath, err := f.lookPath("java"); err == nil {
		candidates = append(candidates, onPath)
	}
	worst := &SetupError{Kind: NoJava, Detail: "JAVA_HOME is not set and PATH has no java", Remedy: javaRemedy}
	var details []string
	for _, path := range candidates {
		version, err := javaVersion(ctx, path)
		if err == nil {
			return path, version, nil
		}
		if ctx.Err() != nil {
			return "", "", fmt.Errorf("rootlock: asking Java for its version: %w", context.Cause(ctx))
		}
		details = append(details, err.Detail)
		if worst.Kind != JavaTooOld {
			worst = err
		}
	}
	if len(details) > 0 {
		worst.Detail = strings.Join(details, "; ")
	}
	return "", "", worst
}

var reJava = regexp.MustCompile(`version "((\d+)(?:\.(\d+))?[^"]*)"`)

func javaVersion(ctx context.Context, path string) (string, *SetupError) {
	if _, err := exec.LookPath(path); err != nil {
		return "", &SetupError{Kind: NoJava, Detail: "no program " + path, Remedy: javaRemedy, Err: err}
	}
	limited, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	out := &head{max: maxSaid}
	cmd := exec.CommandContext(limited, path, "-version")
	cmd.Stdout, cmd.Stderr = out, out
	err := process.Run(cmd)
	if limited.Err() != nil && ctx.Err() == nil {
		return "", &SetupError{Kind: JavaBroken, Remedy: javaRemedy, Err: limited.Err(), Detail: fmt.Sprintf("%s -version has not ended within %v", path, askLimit)}
	}
	m := reJava.FindStringSubmatch(out.String())
	if err != nil || m == nil {
		return "", &SetupError{Kind: JavaBroken, Remedy: javaRemedy, Err: err,
			Detail: fmt.Sprintf("%s -version: %v: %s", path, err, quote.Line(lastLine(out.String())))}
	}
	major, _ := strconv.Atoi(m[2])
	if major == 1 { // "1.8.0_292" is Java 8
		major, _ = strconv.Atoi(m[3])
	}
	if major < oldestJava {
		return "", &SetupError{Kind: JavaTooOld, Remedy: javaRemedy,
			Detail: fmt.Sprintf("%s is version %s, TLC needs %d", path, quote.Line(m[1]), oldestJava)}
	}
	return quote.Line(m[1]), nil
}
