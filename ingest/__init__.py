"""From what staff hands in to published items. Imports repo and storage, never reader."""
