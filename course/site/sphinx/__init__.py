"""The site's Sphinx: its configuration, templates, styles and scripts."""
