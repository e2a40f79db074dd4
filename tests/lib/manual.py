# SPDX-License-Identifier: LGPL-2.1-or-later
"""The examples of the manual pages, for the tests that run them."""

import re

from . import tree


def examples(page, section=''):
    """The text of each example block, as the reader sees it; of one section, or of the page."""
    with open(tree.source('docs', 'man', page), encoding='utf-8') as file:
        text = file.read()
    if section:
        text = re.search(rf'(?ms)^\.SH {section}$(.*?)^\.SH ', text).group(1)
    return [re.sub(r'\\f[A-Z]', '', block).replace(r'\-', '-').replace(r'\e', '\\') for block in re.findall(r'(?ms)^\.EX\n(.*?)^\.EE$', text)]
