package tlc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/rootlock/rootlock/internal/process"
	"github.com/rootlock/rootlock/internal/quote"
	"github.com/rootlock/rootlock/internal/scratch"
)

// maxJar bounds a download; the real one has 3 MB.
const maxJar = 64 << 20

// fetch gets rel and puts it into dir whole or not at all: it is checked in a
// directory beside its place and then renamed, which also replaces a corrupt
// one. Of several who fetch at once the last one wins, with the same content.
func (f Finder) fetch(ctx context.Context, dir string, rel release) (source string, content *[]byte, err error) {
	private, err := scratch.MakeDirIn(dir, "fetch")
	if err != nil {
		return "", nil, err
	}
	defer func() { _ = private.Remove() }()
	temp := private.Path
	if rel.artifact != "" {
		source, err = "Maven", f.maven(ctx, temp, rel)
	} else {
		source, err = "GitHub", f.download(ctx, filepath.Join(temp, rel.file), rel.url)
	}
	if err != nil {
		return "", nil, fmt.Errorf("%s: %w", rel.file, err)
	}
	if content, err = verified(filepath.Join(temp, rel.file), rel.sha256); err != nil {
		return "", nil, fmt.Errorf("fetched by %s: %w", source, err)
	}
	place := filepath.Join(dir, rel.file)
	if err := os.Rename(filepath.Join(temp, rel.file), place); err != nil {
		// Where an open file cannot be replaced, another process may have
		// put a good one there meanwhile.
		if _, wrong := verified(place, rel.sha256); wrong != nil {
			return "", nil, err
		}
	}
	return source, content, nil
}

// mavenCopy is pinned: what the plugin's newest version does is not known.
const mavenCopy = "org.apache.maven.plugins:maven-dependency-plugin:2.8:copy"

func (f Finder) maven(ctx context.Context, dir string, rel release) error {
	mvn, err := f.lookPath("mvn")
	if err != nil {
		return errors.New("no mvn on PATH")
	}
	out := &head{max: maxSaid}
	cmd := exec.CommandContext(ctx, mvn, "-q", "-B", mavenCopy, "-Dartifact="+rel.artifact, "-DoutputDirectory="+dir)
	cmd.Dir = dir // away from any pom.xml
	cmd.Stdout, cmd.Stderr = out, out
	if err := process.Run(cmd); err != nil {
		return fmt.Errorf("mvn: %w: %s", err, quote.Line(firstLine(out.String())))
	}
	return nil
}

func firstLine(out string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(out), "\n")
	return line
}

func (f Finder) download(ctx context.Context, path, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	req.Close = true // one request; no connection is left open
	resp, err := f.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, resp.Status)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, io.LimitReader(resp.Body, maxJar))
	return errors.Join(err, file.Close())
}
