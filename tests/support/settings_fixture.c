#include "support/settings_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

int settings_fixture_setup(void **state)
{
    struct settings_fixture *fixture = calloc(1, sizeof(*fixture));
    if (fixture == NULL)
        return -1;
    fixture->settings = settings_new();
    buf_init(&fixture->errors, SETTINGS_ERRORS_BYTES);
    *state = fixture;
    return 0;
}

int settings_fixture_teardown(void **state)
{
    struct settings_fixture *fixture = *state;
    settings_free(fixture->settings);
    buf_done(&fixture->errors);
    free(fixture);
    return 0;
}

const char *settings_fixture_errors(struct settings_fixture *fixture)
{
    buf_put_char(&fixture->errors, '\0');
    assert_int_equal(buf_error(&fixture->errors), 0);
    fixture->errors.len--;
    return fixture->errors.ptr;
}

int settings_fixture_set(struct settings_fixture *fixture, const char *key, const char *value)
{
    return settings_set(fixture->settings, bytes_of(key), bytes_of(value), &fixture->errors);
}

int settings_fixture_load(struct settings_fixture *fixture, const char *text)
{
    return settings_load_text(fixture->settings, "f.conf", bytes_of(text), &fixture->errors);
}

void settings_fixture_assert_errors(struct settings_fixture *fixture, const char *expected)
{
    assert_string_equal(settings_fixture_errors(fixture), expected);
    buf_reset(&fixture->errors);
}

void settings_fixture_assert_refused(struct settings_fixture *fixture, const char *key, const char *value,
                                     int error)
{
    assert_int_equal(settings_fixture_set(fixture, key, value), error);
    const char *text = settings_fixture_errors(fixture);
    assert_non_null(strstr(text, key));
    assert_non_null(strstr(text, "expected"));
    assert_null(strchr(text, '\n'));
    buf_reset(&fixture->errors);
}
