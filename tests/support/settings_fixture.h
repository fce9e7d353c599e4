/* Settings as they are at first, and what is said of mistakes in what is set. */
#ifndef SUPPORT_SETTINGS_FIXTURE_H
#define SUPPORT_SETTINGS_FIXTURE_H

#include "base/buf.h"
#include "daemon/settings.h"

struct settings_fixture {
    struct settings *settings;
    struct buf errors;
};

/* For cmocka: *state is the fixture. */
int settings_fixture_setup(void **state);
int settings_fixture_teardown(void **state);

/* As the command line does, and as from a file "f.conf" with this text. */
MUST_CHECK int settings_fixture_set(struct settings_fixture *fixture, const char *key, const char *value);
MUST_CHECK int settings_fixture_load(struct settings_fixture *fixture, const char *text);

/* What has been said so far. */
const char *settings_fixture_errors(struct settings_fixture *fixture);

/* It is this; and is forgotten. */
void settings_fixture_assert_errors(struct settings_fixture *fixture, const char *expected);

/* To set it so fails with `error` and one line that says what is expected. */
void settings_fixture_assert_refused(struct settings_fixture *fixture, const char *key, const char *value,
                                     int error);

#endif
