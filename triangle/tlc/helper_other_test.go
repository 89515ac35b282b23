//go:build !unix

package tlc

func helperProcess() {}
