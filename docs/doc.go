// Package docs holds kernel.md, which says what Linux did, and generated pages and pictures; it
// has no code. Its test
// checks what the files of the repository cite: sections and numbers of kernel.md,
// commits, mails, documents, and the links of the documents.
package docs
