"""The links in .deps, where Package.swift looks for libraries."""

import os


def point(link, folder):
    """Points a link at a folder, replacing an older link in one step."""
    link.parent.mkdir(exist_ok=True)
    if link.is_symlink() and link.resolve() == folder.resolve():
        return link
    partial = link.with_name(f"{link.name}.{os.getpid()}")
    partial.unlink(missing_ok=True)
    partial.symlink_to(folder)
    os.replace(partial, link)
    return link
