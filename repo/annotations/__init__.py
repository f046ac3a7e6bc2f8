"""What readers keep of what they read: places, bookmarks, highlights, notes. Pure modules: no database, no request."""
