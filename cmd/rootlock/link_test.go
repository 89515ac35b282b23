package main

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A link leads to the file whatever its folder is called.
func TestLink(t *testing.T) {
	for _, folder := range []string{"all-pages", "a#b", "a?b", "100%", "a:b", "a b", "ä", `a"b`} {
		u, err := url.Parse(link(folder, "x.html"))
		require.NoError(t, err)
		at, err := url.Parse("file:///here/page.html")
		require.NoError(t, err)
		assert.Equal(t, "/here/"+folder+"/x.html", at.ResolveReference(u).Path)
		assert.Empty(t, u.Fragment+u.RawQuery)
	}
}
