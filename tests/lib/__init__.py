# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the Python tests share. A test file begins with

    import os, sys
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
    from lib import bus, servers, tap

and ends with tap.main('box') or tap.main('lab').
"""
