package proof

// The steps of a process: tla/MM.tla, and tla/RootPointer.tla for those that lock, edit a
// list, or free. In their order there.

func (l *law) processes() {
	l.begin()
	l.link()
	if l.trees {
		l.plant()
		l.uproot()
	} else {
		l.lists()
	}
	l.mapPages()
	l.unlink()
	l.store()
}
