// The one script of the public pages; each page is whole without it.
