// The window that a viewer opened closes when the reader is done: the viewer waits for that. Others stay open.
window.close();
