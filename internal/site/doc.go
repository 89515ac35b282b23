// Package site makes the static folder in which the law can be played in a browser: a page,
// a script, and the law itself as WebAssembly. Nothing in the folder refers to anything
// outside, and the page works from a disk as it does from a web server: no file is fetched.
//
//	site.go     the folder
//	compile.go  package play to WebAssembly, by the Go tool, and the answer remembered
//	index.html  the page as it is before the law has been loaded
//	play.js     the script: asks the law what there is to see, and shows that
//	play.css    its look, beside that of the other pages
package site
