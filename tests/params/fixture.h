/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Catalogues for tests: from a text, or the one that is shipped. */
#pragma once

#include "params/catalogue.h"

/* Fails the test where the text has a fault. */
RsCatalogue *fixture_catalogue (const char *text);

/* data/catalogue/ of the source tree, every file of it. */
RsCatalogue *fixture_shipped (void);
