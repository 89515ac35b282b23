// Package docs holds kernel.md, which says what Linux did, and generated pages and pictures.
// It has no code. One test checks what the files of the repository cite: sections and numbers
// of kernel.md, commits, mails, documents, and the links of the documents. Another checks
// that documents and package comments are plain English.
package docs
