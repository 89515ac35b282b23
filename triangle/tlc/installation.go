package tlc

import (
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// Installation is a Java and a jar that [Run] can use.
type Installation struct {
	Java        string // path of the program
	JavaVersion string // "17.0.15"
	Jar         string // path of tla2tools.jar
	JarSource   string // "TLA2TOOLS_JAR", "cache", "Maven" or "GitHub"
	TLCVersion  string // "Version 2.18 of 20 March 2023"

	// content is the jar as it was when it was verified. Every run gets a private copy of
	// it, so that what runs is what was verified. Nil: Jar is taken as it is.
	content *[]byte
}

// place writes the jar into a private folder, under its own name.
func (in *Installation) place(dir string) (path string, err error) {
	if in.content == nil {
		return in.Jar, nil
	}
	path = filepath.Join(dir, filepath.Base(in.Jar))
	return path, os.WriteFile(path, *in.content, 0o400)
}

// Finder looks for Java and TLC, and fetches the jar if need be. The zero value
// looks where everybody's does. Several goroutines and processes may look at the
// same time.
type Finder struct {
	// CacheDir holds fetched jars; default: rootlock in the user's cache.
	CacheDir string
	// Offline forbids Maven and downloads.
	Offline bool

	getenv   func(string) string
	lookPath func(string) (string, error)
	client   *http.Client
	releases []release
}

// Need finds TLC for a test. Where there is none the test is skipped; with
// ROOTLOCK_REQUIRE_TLC=1 it fails.
func Need(t testing.TB) Installation {
	t.Helper()
	in, err := found()
	if missing := (*SetupError)(nil); errors.As(err, &missing) && os.Getenv("ROOTLOCK_REQUIRE_TLC") != "1" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// found is looked for once.
var found = sync.OnceValues(func() (Installation, error) { return Finder{}.Find(context.Background()) })

// Find returns the first usable Java (JAVA_HOME, then PATH) and jar
// (TLA2TOOLS_JAR, the cache, Maven, the project's GitHub release). Its error is
// a [SetupError], or wraps ctx's.
func (f Finder) Find(ctx context.Context) (Installation, error) {
	f = f.withDefaults()
	var in Installation
	var err error
	if in.Java, in.JavaVersion, err = f.findJava(ctx); err != nil {
		return Installation{}, err
	}
	if err := f.findJar(ctx, &in); err != nil {
		return Installation{}, err
	}
	return in, nil
}

func (f Finder) withDefaults() Finder {
	if f.getenv == nil {
		f.getenv = os.Getenv
	}
	if f.lookPath == nil {
		f.lookPath = exec.LookPath
	}
	if f.client == nil {
		f.client = &http.Client{Timeout: 5 * time.Minute}
	}
	if f.releases == nil {
		f.releases = releases
	}
	return f
}

func (f Finder) cacheDir() (string, error) {
	dir := f.CacheDir
	if dir == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			return "", err
		}
		dir = filepath.Join(base, "rootlock")
	}
	return dir, os.MkdirAll(dir, 0o755)
}
